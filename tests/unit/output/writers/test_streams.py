import os
import threading
from pathlib import Path

import pytest

from mien.errors import OutputError
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from mien.output.writers.streams import backup_path
from result_builders import face, result

TEXTS = ("csv", "json", "jsonl", "table")
KINDS = (*TEXTS, "parquet")
MANY = [result(f"{number:0100}.jpg", face("happy", 0.9)) for number in range(30)]


def write(kind, path, results):
    with open_writer(kind, path, EMOTIONS) as writer:
        for one in results:
            writer.write(one)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_at_the_first_result_keeps_the_previous_file(tmp_path, file_size_limit, kind):
    path = write(kind, tmp_path / "out", MANY[:1])
    before = path.read_bytes()
    with (
        file_size_limit(20),
        pytest.raises(OutputError, match=r"out: can't write it \(File too large\); the prev"),
    ):
        write(kind, path, MANY)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_a_full_disk_later_keeps_the_complete_results(tmp_path, file_size_limit, kind):
    path = write(kind, tmp_path / "out", MANY[:1])
    with (
        file_size_limit(3000),
        pytest.raises(OutputError, match=r"the results so far are kept, the previous ones"),
    ):
        write(kind, path, MANY)
    complete = open_writer(kind, path, EMOTIONS, resume=True).written
    assert 1 < len(complete) < len(MANY)
    assert write(kind, tmp_path / "short", MANY[: len(complete)]).read_bytes() == path.read_bytes()
    assert backup_path(path).exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_device_that_is_full_is_named(kind):
    with pytest.raises(OutputError, match=r"/dev/full: can't write it"):
        write(kind, Path("/dev/full"), MANY[:1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_pipe_receives_what_a_file_would_hold(tmp_path, kind):
    os.mkfifo(tmp_path / "pipe")
    received = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write(kind, tmp_path / "pipe", MANY[:3])
    reader.join(10)
    assert received == [write(kind, tmp_path / "out", MANY[:3]).read_bytes()]
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("kind", KINDS)
def test_a_symbolic_link_is_followed(tmp_path, kind):
    (tmp_path / "link").symlink_to("real")
    write(kind, tmp_path / "link", MANY[:1])
    write(kind, tmp_path / "link", MANY[:2])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == write(kind, tmp_path / "out", MANY[:2]).read_bytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["a" * 255, "é" * 127])
def test_the_longest_names_are_possible(tmp_path, kind, name):
    for _ in range(2):  # the second run keeps the first result aside
        write(kind, tmp_path / name, MANY[:1])
    assert [path.name for path in tmp_path.iterdir()] == [name]
