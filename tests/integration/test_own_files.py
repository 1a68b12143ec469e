"""Every kind of file that mien writes, given to all that reads files: used, or refused by its name."""

import io
import os
import re
import shutil
from pathlib import Path

import pytest

from mien.bundles.reading import read_bundle
from mien.cli.webcam import _source
from mien.config import read_recipe
from mien.data import read_faces
from mien.data.readers.ferplus import read_votes
from mien.detection.provided.boxes import read_boxes
from mien.detection.yunet.detector import read_yunet
from mien.errors import ImageError, MienError
from mien.evaluation.systems import open_system
from mien.files.identify import identify
from mien.labels import EMOTIONS
from mien.models.pretrained import layout_of
from mien.output.writers import WRITERS, open_writer
from mien.recognition.sources.finding import find_inputs
from mien.recognition.sources.items import Failure
from mien.training.run_folder.run import RunFolder
from written_files import KINDS, write_all


def _inputs(path: Path) -> None:
    for item in find_inputs([str(path)], io.BytesIO()):
        if isinstance(item, Failure):
            raise ImageError(item.message)


def _resumed(format_name: str):
    def resume(path: Path) -> None:
        open_writer(format_name, path, EMOTIONS, resume=True)

    return resume


READERS = {
    "data": lambda path: read_faces(path, cache=False),
    "ferplus": read_votes,
    "boxes": read_boxes,
    "inputs": _inputs,
    "recipe": read_recipe,
    "bundle": read_bundle,
    "run": RunFolder,
    "system": open_system,
    "detector_model": read_yunet,
    "pretrained": layout_of,
    "webcam": lambda path: _source(str(path)),
    **{f"resume {name}": _resumed(name) for name in WRITERS.builtins if name not in ("table", "crops")},
}

USED = {
    "data": {"faces.csv"},
    "boxes": {"boxes.csv", "boxes.json", "result.csv", "result.json", "result.jsonl", "result.parquet"},
    "inputs": {"faces.csv", "timeline.png", "annotated.png", "annotated.jpg"},
    "recipe": {"run/recipe.yaml"},
    "bundle": {"bundle.onnx"},
    "run": {"run"},
    "system": {"run", "bundle.onnx", "predictions.npz", "result.csv", "probabilities.csv"},
    "resume csv": {"result.csv"},
    "resume json": {"result.json"},
    "resume jsonl": {"result.jsonl"},
    "resume parquet": {"result.parquet"},
}
"""What each reader takes; all other files must be refused."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    write_all(folder)
    return folder


@pytest.mark.parametrize(("name", "what"), KINDS.items())
def test_each_file_is_recognized(written, name, what):
    kind = identify(written / name)
    assert kind is not None
    assert kind.what.startswith(what)


@pytest.mark.parametrize("reader", READERS)
def test_each_file_is_used_or_refused_by_its_name(written, reader):
    for name, what in KINDS.items():
        path = written / name
        if name in USED.get(reader, ()):
            READERS[reader](path)
            continue
        expected = "this is a folder" if reader.startswith("resume") and path.is_dir() else what
        with pytest.raises(MienError, match=re.escape(expected)) as caught:
            READERS[reader](path)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 400 + 2 * len(os.fspath(path))


@pytest.mark.parametrize("name", KINDS)
def test_the_content_decides_and_not_the_name(written, tmp_path, name):
    if (written / name).is_dir():
        return
    copy = tmp_path / "copy.dat"
    shutil.copyfile(written / name, copy)
    assert identify(copy) is identify(written / name)


def test_no_other_file_is_taken_for_one_of_mien(tmp_path):
    for text in (
        "",
        "x",
        "a,b\n1,2\n",
        "[1, 2]",
        "{}",
        "key: value\n",
        "\x08",
        "PK",
        "# Title\n",
        "happy,score\n",
    ):
        (tmp_path / "file").write_text(text)
        assert identify(tmp_path / "file") is None
    assert identify(tmp_path / "nothing") is None
    assert identify(tmp_path) is None
