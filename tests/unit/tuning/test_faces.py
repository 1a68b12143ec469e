from pathlib import Path

import pytest

from builders import faces, fer_csv
from mien.data import read_faces
from mien.errors import DataError
from mien.training.run_folder.info import Source
from mien.tuning.faces import StudyFaces
from training_builders import tiny_recipe


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return fer_csv(tmp_path / "fer2013.csv", faces(70))


def source_of(path: Path) -> Source:
    return Source(path=str(path), fingerprint=read_faces(path).fingerprint)


def test_faces_are_read_once_for_each_shape(data: Path) -> None:
    read = StudyFaces(source_of(data))
    recipe, larger = tiny_recipe(), tiny_recipe("data.size=64")
    assert read(recipe)[1] is read(recipe)[1]
    source, some = read(larger)
    assert some.size == 64
    assert source.fingerprint == some.fingerprint != source_of(data).fingerprint
    assert read(recipe)[1].size == 48


def test_a_moved_data_set_is_recorded_where_it_is(data: Path, tmp_path: Path) -> None:
    known = source_of(data)
    moved = data.rename(tmp_path / "moved.csv")
    read = StudyFaces(known, moved)
    read.require(tiny_recipe())
    assert read(tiny_recipe())[0].path == str(moved)


def test_other_faces_are_refused(data: Path, tmp_path: Path) -> None:
    other = fer_csv(tmp_path / "other.csv", faces(140))
    with pytest.raises(DataError, match=r"other.csv: fingerprint .*, but the study has .*pass data=\.\.\."):
        StudyFaces(source_of(data), other).require(tiny_recipe())
    in_memory = Source(path="", fingerprint="f", in_memory=True)
    with pytest.raises(DataError, match="a FaceSet in memory"):
        StudyFaces(in_memory).require(tiny_recipe())
