from pathlib import Path

import numpy as np
import pytest

from mien.files import mapped
from mien.files.mapped import BLOCK_BYTES, blocks_of, mapped_file, open_mapped


def test_a_whole_mapped_array_names_its_file(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(12).reshape(4, 3))
    array = open_mapped(tmp_path / "a.npy")
    assert mapped_file(array) == tmp_path / "a.npy"
    assert mapped_file(array[1:]) is None
    assert mapped_file(array[::2]) is None
    assert mapped_file(array.T) is None
    assert mapped_file(np.array(array)) is None
    (tmp_path / "a.npy").unlink()
    assert mapped_file(array) is None, "its file is gone"


def test_blocks_are_the_array(tmp_path: Path) -> None:
    array = np.arange(3 * BLOCK_BYTES // 8 + 5, dtype=np.int64)
    np.save(tmp_path / "a.npy", array)
    stored = open_mapped(tmp_path / "a.npy")
    blocks = [block.copy() for block in blocks_of(stored)]
    assert len(blocks) == 4
    assert np.array_equal(np.concatenate(blocks), array)
    assert list(blocks_of(array[:0])) == []


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "MAPPED_BYTES", 100)


@pytest.mark.usefixtures("small_limit")
def test_a_large_array_is_in_a_file_that_has_no_name() -> None:
    array = mapped.empty_array((50, 4))
    array[:] = 7
    mapped.release(array)
    assert mapped._memmap_of(array) is not None
    assert (array == 7).all(), "pages that left the memory are read again"
    assert mapped._memmap_of(mapped.empty_array((5, 4))) is None
    assert mapped_file(array) is None


@pytest.mark.usefixtures("small_limit")
def test_many_rows_of_a_file_are_taken_into_a_file(tmp_path: Path) -> None:
    array = np.arange(600, dtype=np.int64).reshape(200, 3)
    np.save(tmp_path / "a.npy", array)
    stored = open_mapped(tmp_path / "a.npy")
    for index in (np.arange(150)[::-1], np.arange(200) % 2 == 0):
        found = mapped.taken(stored, index)
        assert np.array_equal(found, array[index])
        assert mapped._memmap_of(found) is not None
    assert mapped._memmap_of(mapped.taken(array, np.arange(150))) is None, "what is in memory stays there"


@pytest.mark.usefixtures("small_limit")
def test_an_open_file_is_mapped_if_it_is_large(tmp_path: Path) -> None:
    for array, is_large in ((np.arange(100), True), (np.arange(4), False), (np.eye(9).T.copy("F"), False)):
        np.save(tmp_path / "a.npy", array)
        with (tmp_path / "a.npy").open("rb") as stream:
            found = mapped.mapped_stream(stream)
            assert (found is not None) is is_large
            assert np.array_equal(array if found is None else found, array)
            assert is_large or stream.tell() == 0


def test_changes_in_memory_only_are_not_lost(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(9))
    array = np.load(tmp_path / "a.npy", mmap_mode="c")
    array[:] = 1
    mapped.release(array)
    assert (array == 1).all()
