import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mien.errors import RunError
from mien.training.run_folder import info
from mien.training.run_folder.info import read_info
from training_builders import tiny_run, without_digests


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The `run.json` of a run."""
    path = tmp_path_factory.mktemp("runs") / "run"
    return (tiny_run(path).path / "run.json").read_text()


def edited(folder: Path, text: str, change: Callable[[dict[str, Any]], object]) -> Path:
    tree = json.loads(text)
    change(tree)
    (folder / "run.json").write_text(json.dumps(tree))
    return folder


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda tree: tree["classes"].reverse(), "classes was changed"),
        (lambda tree: tree["source"].update(fingerprint="0"), "source was changed"),
        (lambda tree: tree["recipe"]["train"].update(seed=7), "recipe was changed"),
        (lambda tree: tree.update(held_out=True), "held_out was changed"),
        (lambda tree: tree.pop("teachers"), "teachers was changed"),
        (lambda tree: tree.update(id="0" * 32), "id was changed"),
        (lambda tree: tree.update(extra=1), "extra was changed"),
        (lambda tree: tree.update(size=64, channels=3), "size, channels were changed"),
        (lambda tree: tree["digests"].pop("size"), "size was changed"),
        (lambda tree: tree.pop("digests"), "recipe_name, created, source were changed"),
        (lambda tree: tree.update(digests=[]), "recipe_name, created, source were changed"),
        (lambda tree: tree.update(classes="angry"), "classes was changed"),
    ],
)
def test_the_part_that_was_edited_is_named(tmp_path: Path, text: str, change, part: str) -> None:
    with pytest.raises(RunError, match=rf"run\.json: {part} since mien wrote the file; restore it"):
        read_info(edited(tmp_path, text, change))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"size": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"recipe_name": "\\ud800"}',
        b'{"recipe_name": NaN}',
    ],
)
def test_damage_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=r"run\.json: damaged, or of another version of mien") as caught:
        read_info(tmp_path)
    assert len(str(caught.value)) < 500


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(info, "MAX_RECORD_BYTES", 100)
    (tmp_path / "run.json").write_text(" " * 101)
    with pytest.raises(RunError, match="over 100 bytes"):
        read_info(tmp_path)


def test_a_run_without_digests_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    before = read_info(tmp_path)
    after = without_digests(tmp_path).info
    assert (after.id, after.recipe) == ("", None)
    assert after == before.model_copy(update={"id": "", "recipe": None})


def test_the_keys_of_earlier_versions_are_translated(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    without_digests(tmp_path)
    old = (
        (tmp_path / "run.json")
        .read_text()
        .replace('"size"', '"side"')
        .replace('"leakage_warnings"', '"doubts"')
    )
    (tmp_path / "run.json").write_text(old)
    assert (read_info(tmp_path).size, read_info(tmp_path).leakage_warnings) == (48, ())
