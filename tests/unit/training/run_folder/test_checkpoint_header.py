"""Damage of checkpoints, found without their tensors."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from mien.training.run_folder.checkpoint_header import LAST, damage_of, network_bytes, read_metadata
from run_builders import finished_run


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return finished_run(tmp_path_factory.mktemp("header") / "a").checkpoints / LAST


def test_an_undamaged_checkpoint_has_texts_and_no_damage(checkpoint):
    assert read_metadata(checkpoint).keys() >= {"state", "run", "digest"}
    assert damage_of(checkpoint) is None


@pytest.mark.parametrize(
    ("change", "damage"),
    [
        (lambda content: content[:-1], "bytes, expected"),
        (lambda content: content + b"x", "bytes, expected"),
        (lambda content: content.replace(b"recoveries", b"recoverieS", 1), "header"),
        (lambda content: content[:20], "header"),
        (lambda _: b"", "header"),
        (lambda content: b"\xff" * 8 + content[8:], "header"),
    ],
)
def test_a_damaged_one_has(checkpoint, tmp_path, change, damage):
    path = tmp_path / LAST
    path.write_bytes(change(checkpoint.read_bytes()))
    assert damage in damage_of(path)


def test_one_that_is_a_folder_cannot_be_read(tmp_path):
    assert damage_of(tmp_path) == "it can't be read"


def test_the_size_of_the_network_is_that_of_its_tensors(tmp_path):
    path = tmp_path / LAST
    tensors = {
        "network.a": np.zeros(6, np.float32),
        "network.b": np.zeros(2, np.int8),
        "optimizer.a": np.zeros(9),
    }
    save_file(tensors, path)
    assert network_bytes(path) == 26
    path.write_bytes(path.read_bytes()[:50])
    assert network_bytes(path) is None
