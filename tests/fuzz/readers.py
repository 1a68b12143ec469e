"""Every reader of mien, with a valid file for it, and what it returns as a value that can be compared."""

import bz2
import gzip
import io
import lzma
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from fuzz import samples
from fuzz.samples import Make
from mien.errors import MienError
from mien.labels import EMOTIONS


@dataclass(frozen=True)
class Reader:
    """A reader and what it reads.

    Attributes:
        make: Writes the valid files into an empty folder.
        read: Reads the path `entry` below that folder.
        entry: What the reader is given.
        files: The files that are damaged; `entry` by default.
        checksummed: A checksum over all bytes tells whether the content is that of the valid file.
        names_file: An error names the file.
        refused: The valid file is refused, too.
        available: Whether it can be used here.
    """

    make: Make
    read: Callable[[Path], object]
    entry: str
    files: tuple[str, ...] = ()
    checksummed: bool = False
    names_file: bool = True
    refused: bool = False
    available: Callable[[], bool] = lambda: True

    @property
    def damaged(self) -> tuple[str, ...]:
        """The files that are damaged."""
        return self.files or (self.entry,)


def _data(path: Path) -> object:
    """Read a data set; if that fails, also without its bad rows."""
    from mien.data import read_source

    try:
        found = read_source(path, size=samples.SIZE, cache=False)
    except MienError:
        read_source(path, size=samples.SIZE, cache=False, skip_bad=True, channels=3)
        raise
    return found.faces, found.rows


def _cached(path: Path) -> object:
    """Read a data set whose entry in the cache is damaged, twice: the second time from a new entry."""
    from mien.data import read_source
    from mien.data.cache import Key, digest_of_file

    key = Key(digest_of_file(path), samples.SIZE, 1, skip_bad=False)
    link = path.parent / "cache" / "faces" / key.name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.exists() or link.symlink_to(path.parent / "entry", target_is_directory=True)
    os.environ["MIEN_CACHE"] = str(path.parent / "cache")
    first, second = (read_source(path, size=samples.SIZE) for _ in range(2))
    assert not _different(first, second)
    return first.faces, first.rows


def _different(first: Any, second: Any) -> bool:
    return bool((first.faces.images != second.faces.images).any())


def _votes(path: Path) -> object:
    from mien.data.readers.ferplus import read_votes

    return read_votes(path)


def _predictions(path: Path) -> object:
    from mien.evaluation.systems import open_system

    return open_system(path)


def _probabilities(path: Path) -> object:
    from mien.evaluation.systems import predictions_of

    return predictions_of(path).predictions


def _boxes(path: Path) -> object:
    from mien.detection.provided.boxes import read_boxes

    return vars(read_boxes(path))["_boxes"]


def _resumed(name: str, path: Path) -> object:
    """Continue a result, and read it again."""
    from mien.output.writers import open_writer
    from mien.output.writers.registry import WRITERS
    from result_builders import face, result

    with open_writer(name, path, EMOTIONS, resume=True) as writer:
        before = dict(writer.written)
        writer.write(result("new.png", face()))
    after = [one.source for one in WRITERS.get(name).read_written(path)]
    assert after[-1:] == ["new.png"], after
    return before


def _run(path: Path) -> object:
    from mien.api.run import Run
    from mien.evaluation.runs import checkpoint_digest
    from mien.evaluation.training_record import training_record

    run = Run(path)
    record = training_record(run)
    return run.info, run.recipe, run.history, repr(run), checkpoint_digest(run), record


def _checkpoint(path: Path) -> object:
    from mien.training.run_folder.checkpoint import read_checkpoint

    return read_checkpoint(path)


def _recipe(path: Path) -> object:
    from mien.config import read_recipe

    return read_recipe(path)


def _override(path: Path) -> object:
    from mien.config import read_recipe

    return read_recipe("fast", [path.read_text("utf-8", "surrogateescape")])


def _tensors(path: Path) -> object:
    from mien.models.pretrained import read_tensors

    return read_tensors(path)


def _bundle(path: Path) -> object:
    from mien.bundles.reading import read_bundle

    opened = read_bundle(path)
    return opened.metadata, *_answers(opened)


def _answers(opened: Any) -> Iterator[object]:
    """Run a bundle on both engines."""
    from mien.recognition.engines.factory import make_engine

    shape = (2, *opened.metadata.input_shape)
    for engine in ("onnx", "openvino"):
        yield make_engine(opened, engine, threads=1)(np.full(shape, 100, np.uint8)).probabilities


def _resealed(path: Path, graph: bytes, metadata: str) -> object:
    """Read a bundle of any graph and any metadata, with a true digest."""
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import helper

    from mien.bundles import seal

    model = onnx.ModelProto()
    try:
        model.ParseFromString(graph)
        helper.set_model_props(model, {seal.METADATA_KEY: metadata, seal.DIGEST_KEY: "0" * 32})
        content = model.SerializeToString(deterministic=True)
    except (DecodeError, ValueError) as error:
        raise MienError(f"{path}: this is no protobuf: {error}") from error
    digest = seal._digest(content)
    path.with_name("bundle.onnx").write_bytes(content.replace(*seal._digits("0" * 32, digest)))
    try:
        return _bundle(path.with_name("bundle.onnx"))
    except MienError as error:
        raise MienError(str(error).replace("bundle", path.name), path=error.path) from error


def _graph(path: Path) -> object:
    from bundle_builders import tiny_card

    return _resealed(path, path.read_bytes(), tiny_card().model_dump_json())


def _metadata(path: Path) -> object:
    from bundle_builders import tiny_card, tiny_model

    text = path.read_bytes().decode("utf-8", "replace")
    return _resealed(path, tiny_model(tiny_card()).SerializeToString(), text)


def _image(path: Path) -> object:
    from mien.media.images.reading import read_image
    from mien.media.images.sizes import pixels_of

    pixels_of(path)
    return read_image(path)


def _pillow(path: Path) -> object:
    """Read an image that Pillow has opened and not yet decoded."""
    from PIL import Image

    from mien.media.images.reading import read_image

    try:
        opened = Image.open(path)
    except Exception as error:
        raise MienError(f"{path}: {error!r}") from error
    with opened:
        return read_image(opened)


def _video(path: Path) -> object:
    from mien.media.video.frames import read_frames

    notices: list[str] = []
    frames = list(read_frames(path, threads=1, notice=notices.append))
    assert all(len(line.splitlines()) == 1 for line in notices), notices
    return frames


def _sound(path: Path) -> object:
    """Write the frames of a video with its sound."""
    from mien.media.video.source import sound_of
    from mien.output.writers.video import VideoWriter
    from result_builders import result

    notices: list[str] = []
    frames = list(_video(path))  # type: ignore[call-overload]
    target = path.with_name("drawn.mp4")
    with VideoWriter(target, "0" * 16, sound=sound_of(str(path)), threads=1, notice=notices.append) as writer:
        for at, frame in enumerate(frames):
            height, width = frame.image.shape[:2]
            writer.write(result(str(path), image=True, size=(width, height), frame=at, time=frame.time))
    assert all(len(line.splitlines()) == 1 for line in notices), notices
    return len(frames)


@cache
def _recognizer() -> Any:
    from bundle_builders import tiny_recognizer

    return tiny_recognizer()


def _recognized(path: Path) -> object:
    """Recognize an input and the photograph beside it, as `mien predict` does.

    Raises:
        MienError: Something of the input was reported.
        AssertionError: The photograph was not recognized.
    """
    from mien.recognition.pipeline import recognize_images
    from mien.recognition.sources.finding import find_inputs
    from mien.recognition.sources.items import FaceTable, Failure
    from mien.recognition.sources.tables import read_table

    os.environ["MIEN_CACHE"] = str(path.parent / "cache")
    good = path.with_name("good.png")

    def items() -> Iterator[Any]:
        for item in find_inputs([str(path), str(good)], io.BytesIO()):
            yield from read_table(item, 48, 1, str) if isinstance(item, FaceTable) else [item]

    try:
        outcomes = list(recognize_images(_recognizer().components, items(), workers=1))
    except MienError as error:
        raise AssertionError(f"ends the whole run: {error}") from error
    assert outcomes[-1].source == str(good), outcomes
    failures = [one for one in outcomes if isinstance(one, Failure)]
    for one in failures:
        assert len(one.message.splitlines()) == 1, one.message
    if failures:
        raise MienError(failures[0].message)
    return [(one.source, one.faces) for one in outcomes]


def _crops(path: Path) -> object:
    from mien.data.cropping.folder import CropFolder

    return CropFolder(path, 48, "whole").done


def _origin(path: Path) -> object:
    from mien.files.identify import identify
    from mien.media.origin import read_origin

    return read_origin(path), identify(path)


def _detector(path: Path) -> object:
    from mien.detection.yunet.detector import read_yunet
    from picture_builders import scene

    return read_yunet(path).detect(scene([("happy", 20, 20, 100)], (160, 160)))


_FER = samples.csv_of("emotion,pixels,Usage")
_RUN_FILES = ("run/run.json", "run/recipe.yaml", "run/history.jsonl", "run/checkpoints/best.safetensors")
_ENTRY = tuple(
    f"entry/{name}" for name in ("manifest.json", "images.npy", "labels.npy", "splits.npy", "ids.npy")
)


def _of_image(suffix: str, content: Callable[[], bytes], **options: bool) -> Reader:
    return Reader(samples.image(f"image{suffix}", content), _image, f"image{suffix}", **options)  # type: ignore[arg-type]


def _of_video(suffix: str) -> Reader:
    return Reader(samples.video(f"film{suffix}"), _video, f"film{suffix}")


READERS: dict[str, Reader] = {
    "data csv": Reader(_FER, _data, "faces.csv"),
    "data csv icml": Reader(samples.csv_of("emotion, Usage, pixels"), _data, "faces.csv"),
    "data csv competition": Reader(samples.csv_of("emotion,pixels"), _data, "faces.csv"),
    "data csv gz": Reader(
        samples.packed(_FER, "faces.csv.gz", partial(gzip.compress, mtime=0)),
        _data,
        "faces.csv.gz",
        checksummed=True,
    ),
    "data csv bz2": Reader(
        samples.packed(_FER, "faces.csv.bz2", bz2.compress), _data, "faces.csv.bz2", checksummed=True
    ),
    "data csv xz": Reader(
        samples.packed(_FER, "faces.csv.xz", lzma.compress), _data, "faces.csv.xz", checksummed=True
    ),
    "data csv zip": Reader(samples.csv_in_zip, _data, "faces.zip", checksummed=True),
    "data manifest": Reader(samples.manifest, _data, "faces.csv", ("faces.csv", "happy/3.png")),
    "data raf-db": Reader(samples.raf_db, _data, "faces.list", ("faces.list", "train_00001.jpg")),
    "data folder": Reader(
        samples.images_in("folder"), _data, "images", ("images/happy/3.png",), checksummed=True
    ),
    "data zip": Reader(samples.images_in("zip"), _data, "images.zip", checksummed=True),
    "data tar": Reader(samples.images_in("tar"), _data, "images.tar"),
    "data tar gz": Reader(samples.images_in("tar.gz"), _data, "images.tar.gz"),
    "data tar xz": Reader(samples.images_in("tar.xz"), _data, "images.tar.xz"),
    "data npz": Reader(samples.npz, _data, "faces.npz", checksummed=True),
    "data npy": Reader(samples.npy, _data, "x.npy", ("x.npy", "y.npy")),
    "ferplus": Reader(samples.votes, _votes, "votes.csv"),
    "cache": Reader(samples.cache, _cached, "faces.csv", _ENTRY, checksummed=True),
    "predictions": Reader(samples.saved_predictions, _predictions, "predictions.npz", checksummed=True),
    "probabilities": Reader(samples.probabilities, _probabilities, "probabilities.csv"),
    **{
        f"boxes {name}": Reader(samples.results, _boxes, name)
        for name in ("boxes.csv", "boxes.json", "result.csv", "result.json", "result.jsonl", "result.parquet")
    },
    **{
        f"resume {name}": Reader(samples.results, partial(_resumed, name), f"result.{name}")
        for name in ("csv", "json", "jsonl", "parquet")
    },
    "run": Reader(samples.run, _run, "run", _RUN_FILES),
    "checkpoint": Reader(samples.run, _checkpoint, "run/checkpoints/last.safetensors", checksummed=True),
    "recipe": Reader(samples.recipe, _recipe, "recipe.yaml"),
    "override": Reader(samples.override, _override, "override.txt", names_file=False),
    "pretrained": Reader(samples.tensors, _tensors, "w.safetensors"),
    "bundle": Reader(samples.bundle, _bundle, "bundle.onnx", checksummed=True),
    "bundle graph": Reader(samples.graph, _graph, "graph.onnx", names_file=False),
    "bundle metadata": Reader(samples.metadata, _metadata, "metadata.json", names_file=False),
    "image png": _of_image(".png", partial(samples.encoded, "png"), checksummed=True),
    "image png deep": _of_image(".png", samples.deep_png, checksummed=True),
    "image png palette": _of_image(".png", samples.palette_png, checksummed=True),
    "image jpeg": _of_image(".jpg", partial(samples.encoded, "jpeg")),
    "image jpeg exif": _of_image(".jpg", samples.oriented_jpeg),
    "image gif": _of_image(".gif", samples.animation),
    "image webp": _of_image(".webp", partial(samples.encoded, "webp")),
    "image bmp": _of_image(".bmp", partial(samples.encoded, "bmp")),
    "image ppm": _of_image(".ppm", partial(samples.encoded, "ppm")),
    "image avif": _of_image(".avif", partial(samples.encoded, "avif")),
    "image jp2": _of_image(".jp2", partial(samples.encoded, "jpeg2000")),
    "image tiff": _of_image(".tif", partial(samples.encoded, "tiff", compression="tiff_lzw")),
    "image tiff float": _of_image(".tif", samples.float_tiff),
    "image tiff float 3": _of_image(".tif", partial(samples.float_tiff, 3), refused=True),
    "image tiff float 4": _of_image(".tif", partial(samples.float_tiff, 4), refused=True),
    "pillow jpeg": Reader(
        samples.image("image.jpg", samples.oriented_jpeg), _pillow, "image.jpg", names_file=False
    ),
    "pillow png": Reader(
        samples.image("image.png", samples.palette_png), _pillow, "image.png", names_file=False
    ),
    "pillow tiff": Reader(
        samples.image("image.tif", samples.float_tiff), _pillow, "image.tif", names_file=False
    ),
    **{f"video {suffix[1:]}": _of_video(suffix) for suffix in (".mp4", ".avi", ".mkv", ".webm", ".ts")},
    "video gif": Reader(samples.image("film.gif", samples.animation), _video, "film.gif"),
    "video sound": Reader(samples.video_with_sound, _sound, "film.mp4"),
    "predict zip": Reader(samples.photos("zip"), _recognized, "photos.zip", checksummed=True),
    "predict tar": Reader(samples.photos("tar"), _recognized, "photos.tar"),
    "predict tar gz": Reader(samples.photos("tar.gz"), _recognized, "photos.tar.gz"),
    "crops": Reader(samples.crops, _crops, "crops", ("crops/crops.csv",)),
    **{
        f"annotated {name[2:]}": Reader(samples.annotated, _origin, name)
        for name in ("a.png", "a.jpg", "a.mp4")
    },
    "detector": Reader(
        samples.detector, _detector, "yunet.onnx", available=lambda: samples.detector_file() is not None
    ),
}
"""Every reader, by its name in reports."""
