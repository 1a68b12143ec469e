"""Whole files within a limit."""

import os
import threading
from pathlib import Path

import pytest

from mien.bounded import open_text, read_bytes, read_text


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
