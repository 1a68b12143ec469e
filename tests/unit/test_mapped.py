from pathlib import Path

import numpy as np

from mien.mapped import BLOCK_BYTES, blocks_of, mapped_file, open_mapped


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
    mapped = open_mapped(tmp_path / "a.npy")
    blocks = [block.copy() for block in blocks_of(mapped)]
    assert len(blocks) == 4
    assert np.array_equal(np.concatenate(blocks), array)
    assert list(blocks_of(array[:0])) == []
