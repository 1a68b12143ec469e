"""Damage of checkpoints, found without their tensors."""

import pytest

from mien.training.checkpoint_header import LAST, damage_of, read_metadata
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
