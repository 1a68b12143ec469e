"""Whole files within a limit."""

import io
import os
import threading
import tracemalloc
from pathlib import Path

import pytest

from mien.files.bounded import BoundedReader, open_text, read_bytes, read_text, read_up_to


def test_a_file_of_just_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert read_bytes(path, 3) == b"abc"
    assert read_text(path, 3) == "abc"
    with pytest.raises(OSError, match="over 2 bytes"):
        read_bytes(path, 2)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_a_device_is_refused(device: str) -> None:
    with pytest.raises(OSError, match="a device, expected a file"):
        read_bytes(Path(device), 10)


def test_a_pipe_is_read_up_to_the_limit(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for content, limit in ((b"abc", 3), (b"abcd", 3)):
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        if len(content) > limit:
            with pytest.raises(OSError, match="over 3 bytes"):
                read_bytes(pipe, limit)
        else:
            assert read_bytes(pipe, limit) == content
        writer.join()


def test_text_has_no_byte_order_mark_and_keeps_its_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfa\r\nb\n")
    with open_text(path, 100) as stream:
        assert list(stream) == ["a\r\n", "b\n"]


def test_memory_follows_the_content_and_not_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc" * 100)
    tracemalloc.start()
    try:
        assert read_bytes(tmp_path / "a", 1 << 40) == b"abc" * 100
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("most", [0, 1, 5 << 20, 9 << 20, 10 << 20])
def test_a_stream_is_read_up_to_any_number_of_bytes(most: int) -> None:
    content = os.urandom(9 << 20)
    assert read_up_to(io.BytesIO(content), most) == content[:most]


def test_a_length_beyond_the_end_of_a_file_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abcdef")
    with BoundedReader(path) as stream:
        stream.seek(2)
        assert stream.read(1 << 50) == b"cdef"
        assert stream.read(1 << 50) == b""
        stream.seek(100)
        assert stream.read(1 << 50) == b""
        stream.seek(0)
        assert stream.read() == stream.peek() + b"abcdef"
