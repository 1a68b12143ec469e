"""The cache: the same reading as without it, and nothing damaged or outdated ever comes out of it."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from builders import faces, fer_csv, rows_of
from mien.data import Reading, cache, read_faces, read_source, sources
from mien.data.cache import Key, read_cached, write_cached
from mien.data.reading import BadRow, FaceShape
from mien.errors import MienError
from mien.files.writing import write_bytes

SOME = faces(12)
KEY = Key("0" * 32, 48, 1, skip_bad=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "faces"


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The paths that were parsed rather than taken from the cache."""
    parsed: list[Path] = []
    original = sources._read_container

    def counted(path: Path, shape: FaceShape, skip_bad: bool) -> Reading:
        parsed.append(path)
        return original(path, shape, skip_bad)

    monkeypatch.setattr(sources, "_read_container", counted)
    return parsed


def same(one: Reading, other: Reading) -> bool:
    faces_equal = (
        one.faces.fingerprint == other.faces.fingerprint and (one.faces.ids == other.faces.ids).all()
    )
    return bool(faces_equal) and (one.skipped, one.rows) == (other.skipped, other.rows)


def test_an_entry_holds_all_of_a_reading(tmp_path: Path) -> None:
    reading = Reading(faces(12, ["b", "a", "ü"]), (BadRow("row 3", "bad \udcff"),), rows=13)
    assert write_cached(tmp_path, KEY, reading) == ""
    found = read_cached(tmp_path, KEY)
    assert isinstance(found, Reading)
    assert same(found, reading)
    assert found.faces.classes == ("b", "a", "ü")
    assert not found.faces.images.flags.writeable


@pytest.mark.parametrize(
    "key",
    [
        replace(KEY, content="1" * 32),
        replace(KEY, size=24),
        replace(KEY, channels=3),
        replace(KEY, skip_bad=True),
    ],
)
def test_another_key_is_another_entry(tmp_path: Path, key: Key) -> None:
    write_cached(tmp_path, KEY, Reading(SOME))
    assert read_cached(tmp_path, key) == ""


def test_an_entry_of_another_version_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cached(tmp_path, KEY, Reading(SOME))
    monkeypatch.setattr(cache, "READER_VERSION", cache.READER_VERSION + 1)
    assert read_cached(tmp_path, KEY) == ""


@pytest.mark.parametrize("name", ["images.npy", "labels.npy", "splits.npy", "ids.npy", "manifest.json"])
@pytest.mark.parametrize("damage", ["first", "last", "middle", "cut", "empty", "gone"])
def test_a_damaged_entry_is_not_trusted(tmp_path: Path, name: str, damage: str) -> None:
    write_cached(tmp_path, KEY, Reading(SOME))
    (path,) = tmp_path.glob(f"*/{name}")
    content = bytearray(path.read_bytes())
    position = {"first": 0, "last": -1, "middle": len(content) // 2}.get(damage)
    if position is not None:
        content[position] ^= 1
    path.write_bytes(content[: {"cut": -5, "empty": 0}.get(damage, len(content))])
    if damage == "gone":
        path.unlink()
    assert "damaged faces in the cache" in str(read_cached(tmp_path, KEY))
    assert read_cached(tmp_path, KEY) == ""  # the entry is removed, and nothing is said again


@pytest.mark.parametrize("name", ["images.npy", "labels.npy", "splits.npy", "ids.npy"])
def test_no_flipped_bit_of_a_header_is_an_error(tmp_path: Path, name: str) -> None:
    write_cached(tmp_path, KEY, Reading(SOME))
    (path,) = tmp_path.glob(f"*/{name}")
    content = path.read_bytes()
    for bit in range(0, 8 * 128, 41):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(ValueError, match="not the bytes that were written"):
            cache._read(path.parent, KEY)


def swap(entry: Path) -> None:
    """Put in a valid array of another shape."""
    np.save(entry / "images.npy", np.zeros((12, 24, 24), np.uint8))


def fill_with_folders(entry: Path) -> None:
    (entry / "labels.npy").unlink()
    (entry / "labels.npy").mkdir()


def make_a_pipe(entry: Path) -> None:
    (entry / "ids.npy").unlink()
    os.mkfifo(entry / "ids.npy")


def rename_from_another_key(entry: Path) -> None:
    other = faces(12, seed=5)
    write_cached(entry.parent, replace(KEY, content="1" * 32), Reading(other))
    shutil.rmtree(entry)
    (entry.parent / replace(KEY, content="1" * 32).name).rename(entry)


def become_a_file(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.write_text("a file")


def become_a_link(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.symlink_to("/nowhere")


def seal_nonsense(entry: Path) -> None:
    (entry / "manifest.json").write_text(cache._sealed("[" * 100_000))


@pytest.mark.parametrize(
    "damage",
    [
        swap, fill_with_folders, make_a_pipe, rename_from_another_key, become_a_file, become_a_link,
        seal_nonsense,
    ],
)  # fmt: skip
def test_any_fault_of_an_entry_is_said_once_and_mended(
    folder: Path, readings: list[Path], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = fer_csv(tmp_path / "a.csv", SOME)
    read_faces(path)
    (entry,) = folder.iterdir()
    key = Key(entry.name.partition("-")[0], 48, 1, skip_bad=False)
    assert isinstance(read_cached(folder, key), Reading)
    damage(entry)
    found = read_source(path)
    assert found.faces.fingerprint == SOME.fingerprint
    assert len([note for note in found.notes if "damaged faces in the cache" in note]) == 1
    assert read_source(path).notes == ()
    assert len(readings) == 2


def test_an_entry_of_a_faster_process_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cached(tmp_path, KEY, Reading(SOME))

    def refuse(path: Path) -> NoReturn:
        raise MienError("it is there")

    monkeypatch.setattr(cache, "replacing_folder", refuse)
    assert write_cached(tmp_path, KEY, Reading(SOME)) == ""
    assert "not cached" in write_cached(tmp_path, replace(KEY, size=24), Reading(SOME))


@pytest.mark.parametrize("failing", ["save", "manifest"])
def test_a_full_disk_is_a_note_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    if failing == "save":
        monkeypatch.setattr(np.lib.format, "write_array_header_1_0", fail)
    else:
        monkeypatch.setattr(Path, "write_bytes", fail)
    assert "No space left on device" in write_cached(tmp_path, KEY, Reading(SOME))
    assert list(tmp_path.iterdir()) == []


def test_the_second_reading_parses_nothing(folder: Path, readings: list[Path], tmp_path: Path) -> None:
    rows = rows_of(SOME)
    rows[4] = (9, *rows[4][1:])
    path = fer_csv(tmp_path / "a.csv", rows)
    first = read_source(path, skip_bad=True)
    second = read_source(path, skip_bad=True)
    assert readings == [path]
    assert same(first, second)
    assert len(second.skipped) == 1
    assert second.faces.source == str(path)


def test_equal_content_elsewhere_is_the_same_entry(
    folder: Path, readings: list[Path], tmp_path: Path
) -> None:
    read_faces(fer_csv(tmp_path / "a.csv", SOME))
    read = read_faces(fer_csv(tmp_path / "b.csv", SOME))
    assert len(readings) == 1
    assert read.source == str(tmp_path / "b.csv")


@pytest.mark.parametrize("options", [{"size": 24}, {"channels": 3}, {"skip_bad": True}, {"cache": False}])
def test_other_options_are_read_anew(
    folder: Path, readings: list[Path], tmp_path: Path, options: dict[str, int]
) -> None:
    path = fer_csv(tmp_path / "a.csv", SOME)
    read_faces(path)
    read_faces(path, **options)
    assert len(readings) == 2


def test_a_changed_source_is_read_anew(folder: Path, tmp_path: Path) -> None:
    path = fer_csv(tmp_path / "a.csv", SOME)
    read_faces(path)
    time = path.stat().st_mtime_ns
    other = faces(12, seed=1)
    fer_csv(path, other)
    os.utime(path, ns=(time, time))
    assert read_faces(path).fingerprint == other.fingerprint


def test_a_changed_folder_is_read_anew(folder: Path, tmp_path: Path) -> None:
    import cv2

    root = tmp_path / "faces"
    for name in ("happy", "sad"):
        (root / name).mkdir(parents=True)
        cv2.imwrite(str(root / name / "1.png"), SOME.images[0])
    before = read_faces(root)
    cv2.imwrite(str(root / "sad" / "1.png"), SOME.images[1])
    changed = read_faces(root)
    (root / "sad").rename(root / "fear")
    renamed = read_faces(root)
    assert len({before.fingerprint, changed.fingerprint, renamed.fingerprint}) == 3


def test_a_damaged_cache_is_rebuilt(folder: Path, readings: list[Path], tmp_path: Path) -> None:
    path = fer_csv(tmp_path / "a.csv", SOME)
    read_faces(path)
    (images,) = folder.glob("*/images.npy")
    images.write_bytes(images.read_bytes()[:-1] + b"\0")
    assert read_faces(path).fingerprint == SOME.fingerprint
    assert read_faces(path).fingerprint == SOME.fingerprint
    assert len(readings) == 2


def test_a_cache_that_can_not_be_written_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "file" / "cache"))
    reading = read_source(fer_csv(tmp_path / "a.csv", SOME))
    assert reading.faces.fingerprint == SOME.fingerprint
    assert "not cached" in reading.notes[0]


def test_a_source_that_changes_while_it_is_read_is_not_cached(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fer_csv(tmp_path / "a.csv", SOME)
    original = sources._read_container

    def disturbed(path: Path, shape: FaceShape, skip_bad: bool) -> Reading:
        reading = original(path, shape, skip_bad)
        path.write_text(path.read_text() + "\n")
        return reading

    monkeypatch.setattr(sources, "_read_container", disturbed)
    assert "changed while it was read" in read_source(path).notes[0]
    assert not list(folder.glob("*"))


def test_cached_faces_outlive_their_entry(folder: Path, tmp_path: Path) -> None:
    path = fer_csv(tmp_path / "a.csv", SOME)
    read_faces(path)
    cached = read_faces(path)
    (images,) = folder.glob("*/images.npy")
    write_bytes(images, b"another writer's")
    assert (cached.images == SOME.images).all()


@pytest.mark.parametrize("size", [48, 64])
def test_color_faces_are_cached(folder: Path, readings: list[Path], tmp_path: Path, size: int) -> None:
    path = fer_csv(tmp_path / "a.csv", SOME)
    first, second = (read_source(path, size=size, channels=3) for _ in range(2))
    assert len(readings) == 1
    assert same(first, second)
    assert second.faces.images.shape == (12, size, size, 3)
