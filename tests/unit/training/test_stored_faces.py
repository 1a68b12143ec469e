from pathlib import Path

import numpy as np
import pytest
import torch

from builders import faces
from mien.config.data import Clahe, Preprocess
from mien.data import read_faces
from mien.files.mapped import open_mapped
from mien.training import stored_faces
from mien.training.callbacks import Callback, TrainingStatus
from mien.training.run_folder.checkpoint import LAST, read_checkpoint
from mien.training.run_folder.run import RunFolder
from mien.training.runner import train_run
from mien.training.setup import known_training
from mien.training.stored_faces import StoredFaces
from mien.transforms.preprocess import equalize
from training_builders import DRAWN, begin

CPU = torch.device("cpu")
SIZE = 12
BYTES = SIZE * SIZE


def stored(
    path: Path, memory: int, *, channels: int = 1, preprocess: Preprocess | None = None
) -> tuple[StoredFaces, torch.Tensor]:
    """Return every second of 200 faces in a file, and the same in memory."""
    images = faces(200, size=SIZE, channels=channels).images
    np.save(path / "images.npy", images)
    places = np.arange(0, 200, 2)
    some = StoredFaces(
        open_mapped(path / "images.npy"), places, memory * BYTES * channels, preprocess or Preprocess(), CPU
    )
    kept = torch.from_numpy(equalize(images[places], preprocess or Preprocess()))
    return some, kept[:, None] if channels == 1 else kept.permute(0, 3, 1, 2)


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_faces, "READ_BYTES", 4 * BYTES)


@pytest.mark.parametrize("memory", [1, 16, 33, 100, 1000])
@pytest.mark.parametrize("channels", [1, 3])
def test_an_epoch_has_the_faces_of_its_positions(tmp_path: Path, memory: int, channels: int) -> None:
    some, kept = stored(tmp_path, memory, channels=channels)
    for seed in range(2):
        order = some.shuffled(torch.arange(100), 8, torch.Generator().manual_seed(seed))
        assert sorted(order.tolist()) == list(range(100))
        for chosen in order.split(8):
            assert torch.equal(some[chosen], kept[chosen])


def test_repeated_faces_occur_as_often_as_in_the_order(tmp_path: Path) -> None:
    some, kept = stored(tmp_path, 20)
    given = torch.cat([torch.arange(100), torch.arange(10), torch.arange(10)])
    order = some.shuffled(given, 16, torch.Generator())
    assert torch.equal(order.sort().values, given.sort().values)
    assert all(torch.equal(some[chosen], kept[chosen]) for chosen in order.split(16))


def test_a_window_has_faces_from_everywhere_and_no_more_than_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some, _ = stored(tmp_path, 30)
    read: list[int] = []
    monkeypatch.setattr(
        some,
        "_read",
        lambda places, _=None: read.append(len(places)) or np.zeros((len(places), SIZE, SIZE), np.uint8),
    )
    order = some.shuffled(torch.arange(100), 8, torch.Generator().manual_seed(1))
    for chosen in order.split(8):
        some[chosen]
    assert read == [24, 24, 24, 24, 4], "one reading a window, of whole batches"
    window = order[:24]
    assert window.max() - window.min() > 50
    assert window.tolist() != window.sort().values.tolist()


def test_an_epoch_that_was_not_finished_is_followed_by_another(tmp_path: Path) -> None:
    some, kept = stored(tmp_path, 16)
    for seed in range(3):
        order = some.shuffled(torch.arange(100), 8, torch.Generator().manual_seed(seed))
        for chosen in order[:40].split(8):
            assert torch.equal(some[chosen], kept[chosen])
    assert torch.equal(some[torch.tensor([99, 0, 50])], kept[[99, 0, 50]]), "any other order"


def test_the_order_follows_from_the_generator(tmp_path: Path) -> None:
    some, _ = stored(tmp_path, 16)
    one, same, other = (
        some.shuffled(torch.arange(100), 8, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_faces_are_equalized(tmp_path: Path) -> None:
    some, kept = stored(tmp_path, 16, preprocess=Preprocess(clahe=Clahe(tiles=2)))
    assert torch.equal(some[torch.arange(20)], kept[:20])


class Stop(Callback):
    """Ends a training after its first epoch."""

    def on_epoch_end(self, status: TrainingStatus, epoch: object) -> None:
        status.request_stop()


def test_a_training_from_disk_is_resumed_with_the_same_bits(tmp_path: Path) -> None:
    drawn, overrides = read_faces(DRAWN), ("data.memory=0.0001", "data.oversample={}")
    whole = begin(tmp_path / "whole", drawn, overrides)
    assert isinstance(whole.context.faces.images, StoredFaces)
    train_run(whole)
    train_run(begin(tmp_path / "stopped", drawn, overrides, Stop()))
    train_run(known_training(RunFolder(tmp_path / "stopped"), data=drawn))
    one, other = (read_checkpoint(tmp_path / name / "checkpoints" / LAST) for name in ("whole", "stopped"))
    assert len(other.state.history) == 2
    assert all(torch.equal(value, other.tensors[name]) for name, value in one.tensors.items())
