from pathlib import Path

import pytest
import torch

from mien.errors import RunError
from mien.training.run_folder.checkpoint import (
    BEST,
    LAST,
    PREVIOUS,
    Checkpoint,
    read_checkpoint,
    read_newest,
    write_checkpoint,
)
from mien.training.run_folder.state import Epoch, State


def checkpoint(epoch: int) -> Checkpoint:
    rows = [Epoch(number, 0.1, 1.0, 0.5, 1.0, 0.5, 1.0, 10.0) for number in range(1, epoch + 1)]
    tensors = {"network.weight": torch.full((40, 50), float(epoch)), "optimizer.0.step": torch.tensor(3.0)}
    return Checkpoint(tensors, State(history=rows))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three epochs were written; the second was the best."""
    for epoch in (1, 2, 3):
        write_checkpoint(tmp_path, checkpoint(epoch), best=epoch == 2)
    return tmp_path


def test_last_previous_and_best(folder: Path) -> None:
    found = {name: read_checkpoint(folder / name).state.epoch for name in (LAST, PREVIOUS, BEST)}
    assert found == {LAST: 3, PREVIOUS: 2, BEST: 2}
    assert sorted(path.name for path in folder.iterdir()) == sorted([LAST, PREVIOUS, BEST])


def test_tensors_are_read_bit_for_bit(folder: Path) -> None:
    found = read_checkpoint(folder / LAST)
    assert found.state == checkpoint(3).state
    for name, value in checkpoint(3).tensors.items():
        assert torch.equal(found.tensors[name], value)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def foreign(path: Path) -> None:
    path.write_text("not a checkpoint at all, but long enough to look at")


DAMAGES = [cut, flip_a_bit, empty, foreign]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_last_falls_back_to_the_one_before(folder: Path, damage) -> None:
    damage(folder / LAST)
    newest = read_newest(folder)
    assert newest is not None
    found, warning = newest
    assert found.state.epoch == 2
    assert warning is not None
    assert "continuing from previous" in warning


def test_a_missing_last_falls_back_to_the_one_before(folder: Path) -> None:
    (folder / LAST).unlink()
    newest = read_newest(folder)
    assert newest is not None
    assert newest[0].state.epoch == 2
    assert str(newest[1]).endswith("last.safetensors: missing; continuing from previous.safetensors")


def test_the_last_exists_at_any_moment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moves = []

    def replace(self: Path, target: Path) -> None:
        moves.append((target.name, (folder / LAST).exists()))
        original(self, target)

    original = Path.replace
    monkeypatch.setattr(Path, "replace", replace)
    write_checkpoint(folder, checkpoint(4), best=False)
    assert moves == [(LAST, True)]
    assert read_checkpoint(folder / PREVIOUS).state.epoch == 3


def test_without_hard_links_the_one_before_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write_checkpoint(folder, checkpoint(4), best=False)
    assert [read_checkpoint(folder / name).state.epoch for name in (LAST, PREVIOUS)] == [4, 3]


def test_damaged_checkpoints_only_are_an_error(folder: Path) -> None:
    for name in (LAST, PREVIOUS):
        flip_a_bit(folder / name)
    newest = read_newest(folder)
    assert newest is not None
    assert "continuing from best" in str(newest[1])
    flip_a_bit(folder / BEST)
    with pytest.raises(RunError, match="all checkpoints are damaged"):
        read_newest(folder)


def test_no_checkpoint_at_all_is_none(tmp_path: Path) -> None:
    assert read_newest(tmp_path) is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"gone\.safetensors: there is no such checkpoint"):
        read_checkpoint(tmp_path / "gone.safetensors")


def test_a_folder_whose_name_is_not_utf8(tmp_path: Path) -> None:
    folder = tmp_path / "b\udcff"
    folder.mkdir()
    write_checkpoint(folder, checkpoint(1), best=True)
    write_checkpoint(folder, checkpoint(2), best=False)
    assert [read_checkpoint(folder / name).state.epoch for name in (LAST, PREVIOUS, BEST)] == [2, 1, 1]
