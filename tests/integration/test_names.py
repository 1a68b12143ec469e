"""Names of files that are not UTF-8, or that look like escape sequences, commands or columns."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import mien
from builders import faces, fer_csv
from bundle_builders import tiny_bundle, tiny_recognizer
from mien.api.cropping import crop_faces
from mien.cli.app import run
from mien.data import read_source
from mien.detection.provided.boxes import read_boxes
from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from mien.output.writers.registry import WRITERS
from photo_builders import LevelDetector, photo
from result_builders import face, result
from video_builders import film, walk

NAMES = [
    "b\udcff", r"b\udcff", r"a\u005cb", "a\nb", "a\rb", 'a,"b', "\x1b[31m", " a ", "=1", "b\ud800",
]  # fmt: skip


@pytest.mark.parametrize("ending", ["json", "jsonl", "csv", "parquet"])
def test_results_of_any_name_are_resumed_and_are_boxes(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"b\udcff.{ending}"
    for some in (NAMES[:6], NAMES[6:]):
        with open_writer(ending, target, EMOTIONS, resume=True) as writer:
            assert list(writer.written) == NAMES[: NAMES.index(some[0])]
            for name in some:
                writer.write(result(name, face()))
    assert [one.source for one in WRITERS.get(ending).read_written(target)] == NAMES
    boxes = read_boxes(target)
    assert all(boxes.of(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES[:-1])
def test_predict_reads_and_writes_any_name(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    image, video = f"{name}.png", f"{name}.mp4"
    Path(image).write_bytes(photo((10, 10, 48, 200)))
    film(tmp_path / "video.mp4", walk(2)).rename(video)
    options = ["--detector=whole", f"--bundle={tiny_bundle(tmp_path / 'tiny.onnx').rename(f'{name}.onnx')}"]
    names = {"output": "json", "draw": "draw", "crops": "crops", "timeline": "svg"}
    outputs = [f"--{option}={name}.{ending}" for option, ending in names.items()]
    assert run(["predict", *options, *outputs, "--", image, video]) == 0, capsysbinary.readouterr()
    sources = [one["source"] for one in json.loads(Path(f"{name}.json").read_bytes())]
    assert sources == [image, video, video]
    assert len(list(Path(f"{name}.draw").iterdir())) == 2


def test_data_sets_and_crops_of_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "c\udcff"))
    for name in NAMES[:-1]:
        fer_csv(Path(f"{name}.csv"), faces(3))
        assert len(read_source(f"{name}.csv").faces) == 3
        Path(f"{name}.png").write_bytes(photo((10, 10, 48, 200)))
        for again in (1, 0):
            assert crop_faces(f"{name}.png", f"{name}.crops", detector=LevelDetector()).images == again


BAD_PATHS = [None, 1.5, "a\0b", "a\ud800b", "x" * 300 + ".x"]


@pytest.mark.parametrize(
    "call",
    [
        mien.read_faces,
        lambda path: mien.read_faces("synthetic:7", ferplus=path or 1),
        lambda path: mien.load(path),
        lambda path: tiny_recognizer().recognize(path),
        lambda path: list(tiny_recognizer().batch([path])),
        lambda path: list(tiny_recognizer().stream(path)),
        mien.Run,
        mien.evaluate,
        mien.resume,
        lambda path: mien.compare(path, path),
        lambda path: mien.train(path, data="synthetic:7"),
        lambda path: mien.train("fast", data="synthetic:7", out=path or 1),
        lambda path: mien.crop_faces(path, "crops"),
        lambda path: mien.crop_faces("photos", path),
    ],
)
def test_no_library_gets_a_path_that_no_file_can_have(call: Callable[[object], object]) -> None:
    for path in BAD_PATHS:
        with pytest.raises(MienError) as caught:
            call(path)
        assert str(caught.value).isprintable()
