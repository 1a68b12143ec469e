"""The valid files that are damaged: one small set for each reader, the same at each call."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from builders import faces, fer_csv, folder_of, predictions, tar_of
from bundle_builders import tiny_bundle, tiny_card, tiny_model
from mien.faceset import FaceSet
from mien.labels import EMOTIONS
from video_builders import film, walk

SIZE = 8
"""Side of the faces, for speed: the smallest that is read."""

Make = Callable[[Path], None]
"""Writes files into an empty folder."""


def small_faces(count: int = 14) -> FaceSet:
    """Return faces with all classes and splits."""
    return faces(count, size=SIZE)


def encoded(suffix: str, shape: tuple[int, ...] = (16, 16, 3), seed: int = 0, **options: object) -> bytes:
    """Return an image of random rectangles, encoded by Pillow."""
    rng, image = Random(seed), np.zeros(shape, np.uint8)
    for _ in range(4):
        top, left = rng.randrange(shape[0]), rng.randrange(shape[1])
        image[top:, left:] = rng.randrange(256)
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, suffix, **options)
    return stream.getvalue()


def image_files() -> dict[str, bytes]:
    """Return an image for each class, in folders of classes."""
    return {f"{name}/{at}.png": encoded("png", (SIZE, SIZE), at) for at, name in enumerate(EMOTIONS)}


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    """Write a zip that is the same at any time of day."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def csv_of(header: str) -> Make:
    """Return a maker of `faces.csv` with the columns of an edition of FER2013."""

    def make(folder: Path) -> None:
        path = fer_csv(folder / "faces.csv", small_faces())
        rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
        columns = [name.strip().lower() for name in header.split(",")]
        order = [("emotion", "pixels", "usage").index(name) for name in columns]
        path.write_text("\n".join([header, *(",".join(row[at] for at in order) for row in rows)]) + "\n")

    return make


def packed(make: Make, name: str, pack: Callable[[bytes], bytes]) -> Make:
    """Return a maker of the file of another one, compressed."""

    def packing(folder: Path) -> None:
        make(folder)
        (file,) = folder.iterdir()
        (folder / name).write_bytes(pack(file.read_bytes()))
        file.unlink()

    return packing


def images_in(kind: str) -> Make:
    """Return a maker of images by class: in a folder, or as `images.zip` and so on."""

    def make(folder: Path) -> None:
        if kind == "folder":
            folder_of(folder / "images", image_files())
        elif kind == "zip":
            zip_of(folder / "images.zip", image_files())
        else:
            mode = {"tar": "w", "tar.gz": "w:gz", "tar.xz": "w:xz"}[kind]
            tar_of(folder / f"images.{kind}", image_files(), mode)

    return make


def csv_in_zip(folder: Path) -> None:
    csv_of("emotion,pixels,Usage")(folder)
    zip_of(folder / "faces.zip", {"fer2013/fer2013.csv": (folder / "faces.csv").read_bytes()})
    (folder / "faces.csv").unlink()


def manifest(folder: Path) -> None:
    folder_of(folder, image_files())
    rows = [f"{name},{name.partition('/')[0]},train,0,0,8,8" for name in image_files()]
    (folder / "faces.csv").write_text("\n".join(["path,label,split,left,top,width,height", *rows]) + "\n")


def raf_db(folder: Path) -> None:
    names = [f"train_{at:05d}.jpg" for at in range(1, 8)]
    folder_of(folder, {name: encoded("jpeg", (SIZE, SIZE, 3), at) for at, name in enumerate(names)})
    (folder / "faces.list").write_text("".join(f"{name} {at}\n" for at, name in enumerate(names, start=1)))


def npz(folder: Path) -> None:
    some = small_faces()
    stream = io.BytesIO()
    np.savez(stream, images=some.images, labels=some.labels)
    (folder / "faces.npz").write_bytes(stream.getvalue())


def npy(folder: Path) -> None:
    some = small_faces()
    np.save(folder / "x.npy", some.images)
    np.save(folder / "y.npy", some.labels)


def votes(folder: Path) -> None:
    from mien.data.readers.ferplus import COLUMNS

    rows = [
        f"Training,fer{row:07d}.png,{','.join(str((row + at) % 11) for at in range(10))}" for row in range(8)
    ]
    (folder / "votes.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")


def cache(folder: Path) -> None:
    """Write a data set, and the entry of the cache that its reading writes."""
    csv_of("emotion,pixels,Usage")(folder)
    from mien.data.cache import Key, digest_of_file, write_cached
    from mien.data.reading import Reading

    key = Key(digest_of_file(folder / "faces.csv"), SIZE, 1, skip_bad=False)
    from mien.data import read_source

    found = read_source(folder / "faces.csv", size=SIZE, cache=False)
    write_cached(folder / "cache", key, Reading(found.faces, rows=found.rows, images=found.images))
    shutil.move(folder / "cache" / key.name, folder / "entry")


def saved_predictions(folder: Path) -> None:
    from mien.predictions_file import write_predictions

    write_predictions(folder / "predictions.npz", predictions(12))


def probabilities(folder: Path) -> None:
    found = predictions(12)
    rows = [
        ",".join(map(str, (EMOTIONS[at], *row)))
        for at, row in zip(found.labels, found.probabilities, strict=True)
    ]
    (folder / "probabilities.csv").write_text("\n".join([",".join(("label", *EMOTIONS)), *rows]) + "\n")


def results(folder: Path) -> None:
    """Write results in all formats, and boxes."""
    from result_files import write_results

    write_results(folder)


def run(folder: Path) -> None:
    """Write a run with checkpoints, as it is after an epoch."""
    import torch

    from mien.training.run_folder.checkpoint import Checkpoint, write_checkpoint
    from mien.training.run_folder.creation import create_run
    from mien.training.run_folder.history import write_history
    from mien.training.run_folder.info import Source
    from mien.training.run_folder.state import Epoch, State
    from training_builders import tiny_recipe

    some = small_faces()
    source = Source(path="faces.csv", fingerprint=some.fingerprint)
    create_run(folder / "run", "tiny", tiny_recipe(), source, some, held_out=False)
    write_history([Epoch(1, 0.1, 1.5, 0.4, 1.4, 0.5, 2.0, 100.0)], folder / "run")
    (folder / "run" / "checkpoints").mkdir(exist_ok=True)
    state = State(history=[Epoch(1, 0.1, 1.5, 0.4, 1.4, 0.5, 2.0, 100.0)], schedule={"best": 1.0})
    tensors = {"weight": torch.arange(12.0).view(3, 4), "bias": torch.zeros(4), "steps": torch.tensor(3)}
    write_checkpoint(folder / "run" / "checkpoints", Checkpoint(tensors, state), best=True)


def recipe(folder: Path) -> None:
    from mien.config import load
    from mien.config.load import list_recipes

    text = (Path(load.__file__).parents[1] / "recipes" / f"{list_recipes()[0]}.yaml").read_text()
    (folder / "recipe.yaml").write_text(text)


def override(folder: Path) -> None:
    (folder / "override.txt").write_text("train.epochs=2")


def tensors(folder: Path) -> None:
    from safetensors.numpy import save_file

    save_file(
        {"conv.weight": np.ones((4, 3), np.float32), "norm.bias": np.zeros(4, np.float16)},
        folder / "w.safetensors",
    )


def bundle(folder: Path) -> None:
    tiny_bundle(folder / "bundle.onnx")


def graph(folder: Path) -> None:
    """Write the graph of a bundle without its seal; small, so that changes meet its structure."""
    (folder / "graph.onnx").write_bytes(tiny_model(tiny_card()).SerializeToString(deterministic=True))


def metadata(folder: Path) -> None:
    (folder / "metadata.json").write_text(json.dumps(tiny_card().model_dump(mode="json")))


def image(name: str, content: Callable[[], bytes]) -> Make:
    """Return a maker of an image."""

    def make(folder: Path) -> None:
        (folder / name).write_bytes(content())

    return make


def deep_png() -> bytes:
    return bytes(cv2.imencode(".png", np.arange(256, dtype=np.uint16).reshape(16, 16) * 257)[1])


def oriented_jpeg() -> bytes:
    exif = Image.Exif()
    exif[274], exif[305] = 6, "camera"
    return encoded("jpeg", exif=exif)


def palette_png() -> bytes:
    stream = io.BytesIO()
    Image.open(io.BytesIO(encoded("png"))).quantize(16).save(stream, "png", transparency=0)
    return stream.getvalue()


def float_tiff(channels: int = 0) -> bytes:
    """Return a TIFF of floats: gray as Pillow writes it, or with so many channels."""
    rng = np.random.default_rng(0)
    if not channels:
        stream = io.BytesIO()
        Image.fromarray(rng.random((16, 16), np.float32)).save(stream, "tiff")
        return stream.getvalue()
    return bytes(cv2.imencode(".tiff", rng.random((16, 16, channels), np.float32))[1])


def animation() -> bytes:
    stream, frames = io.BytesIO(), [Image.fromarray(shape) for shape in _shapes()]
    frames[0].save(stream, "gif", save_all=True, append_images=frames[1:], duration=100)
    return stream.getvalue()


def _shapes() -> Sequence[NDArray[np.uint8]]:
    return [image[:32, :32].copy() for image in walk(3)]


def video(name: str) -> Make:
    """Return a maker of a video of a few frames; its kind by the ending."""

    def make(folder: Path) -> None:
        film(folder / name, (frame[:64, :64].copy() for frame in walk(6)))

    return make


def video_with_sound(folder: Path) -> None:
    film(folder / "film.mp4", (frame[:64, :64].copy() for frame in walk(6)), sound="aac")
    with av.open(str(folder / "film.mp4")) as file:
        assert len(file.streams) == 2


def photos(kind: str) -> Make:
    """Return a maker of an archive of photographs for recognition, and of a photograph beside it."""

    def make(folder: Path) -> None:
        files = {
            f"photos/{at}.{kind}": encoded(kind, (24, 24, 3), at)
            for at, kind in enumerate(("png", "jpeg", "bmp"))
        }
        (folder / "good.png").write_bytes(encoded("png"))
        if kind == "zip":
            zip_of(folder / "photos.zip", files)
        else:
            tar_of(folder / f"photos.{kind}", image_files(), "w" if kind == "tar" else "w:gz")

    return make


def crops(folder: Path) -> None:
    from mien.data.cropping.folder import COLUMNS

    rows = [f"a.png,64,64,,,1,10.0,10.0,20.0,20.0,0.9,0.0,whole,48,happy/a-{at}.png" for at in range(4)]
    (folder / "crops").mkdir()
    (folder / "crops" / "crops.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")


def annotated(folder: Path) -> None:
    from mien.drawing import write_annotated_image
    from mien.media.origin import mark_video

    for name in ("a.png", "a.jpg"):
        write_annotated_image(folder / name, np.full((24, 24, 3), 128, np.uint8), "0123456789abcdef")
    video("a.mp4")(folder)
    mark_video(folder / "a.mp4", "0123456789abcdef")


def detector(folder: Path) -> None:
    """Copy the file of YuNet, where there is one."""
    shutil.copyfile(detector_file() or "", folder / "yunet.onnx")


def detector_file() -> Path | None:
    """Return YuNet's file beside the real rows, or None."""
    import os

    data = os.environ.get("MIEN_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
    path = Path(data) / "yunet" / "face_detection_yunet_2023mar.onnx"
    return path if path.is_file() else None
