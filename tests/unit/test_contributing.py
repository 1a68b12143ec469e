"""The parts of CONTRIBUTING.md work when they are added as it says: one file, and one line in a table."""

import re
import sys
from importlib import invalidate_caches
from pathlib import Path

import numpy as np
import pytest

import mien
from builders import folder_of
from mien.config.parts import NETWORKS
from mien.data.readers import READERS
from mien.detection.factory import DETECTORS, make_detector
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from mien.output.writers.registry import WRITERS
from photo_builders import photo
from result_builders import face, result

ROOT = Path(__file__).parents[2]
PART = re.compile(
    r"^### A (\w+)\n`src/mien/([\w/]+)\.py`;.*?`\"([\w-]+)\": \"([\w.:]+)\"`.*?^```python\n(.*?)^```$",
    re.M | re.S,
)
PARTS = {kind: rest for kind, *rest in PART.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))}
TABLES = {"network": NETWORKS, "reader": READERS, "detector": DETECTORS, "writer": WRITERS}


@pytest.fixture
def add(tmp_path, monkeypatch):
    """Adds a part: writes its file into a package, and its line into the table."""
    (tmp_path / "new").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "new"))

    def call(kind):
        file, name, reference, code = PARTS[kind]
        module, _, attribute = reference.partition(":")
        assert module == f"mien.{file.replace('/', '.')}"
        package = f"added_{kind}"
        (tmp_path / "new" / f"{package}.py").write_text(code, encoding="utf-8")
        invalidate_caches()
        table = TABLES[kind]
        monkeypatch.setattr(table, "builtins", {name: f"{package}:{attribute}", **table.builtins})
        monkeypatch.delitem(sys.modules, package, raising=False)
        return table.get(name)

    return call


def test_each_part_is_described():
    assert PARTS.keys() == TABLES.keys()


def test_a_network(add):
    torch = pytest.importorskip("torch")
    network = add("network")(kind="one_convolution").build(7, size=48, channels=3)
    assert network(torch.zeros(2, 3, 48, 48)).shape == (2, 7)


def test_a_reader(add, tmp_path):
    add("reader")
    source = folder_of(
        tmp_path / "named", {"happy_1.png": photo(size=(48, 48)), "sad_2.png": photo(size=(48, 48))}
    )
    faces = mien.read_faces(source)
    assert [EMOTIONS[label] for label in faces.labels] == ["happy", "sad"]
    assert faces.ids.tolist() == ["happy_1.png", "sad_2.png"]


def test_a_detector(add):
    add("detector")
    (found,) = make_detector("left-half").detect(np.zeros((10, 40, 3), np.uint8))
    assert (found.box.width, found.box.height) == (20, 10)


def test_a_writer(add, tmp_path):
    add("writer")
    with open_writer("tsv", tmp_path / "faces.tsv", EMOTIONS) as writer:
        writer.write(result("a.jpg", face("sad")))
    assert re.fullmatch(r"a\.jpg\tsad\t0\.\d{4}\n", (tmp_path / "faces.tsv").read_text(encoding="utf-8"))
