"""Closed, full and disconnected standard streams, and encodings that lack characters."""

# ruff: noqa: T201 - printing is the subject

import io
import os
import subprocess
import sys

import pytest

from mien.cli import streams
from mien.cli.streams import prepare_streams, require_output
from mien.errors import MienError, OutputError

CLOSED = [">&-", "<&-", "2>&-", ">&- 2>&-", "<&- >&-", "<&- >&- 2>&-"]


def shell(line, **options):
    line = line.replace("mien", f"{sys.executable} -m mien", 1)
    return subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=False, **options)


@pytest.fixture
def standard(monkeypatch):
    """Return a function that makes a descriptor the prepared standard output and standard error."""

    def made(number, encoding="utf-8"):
        for name in ("stdout", "stderr"):
            stream = open(number, "w", encoding=encoding, closefd=False)  # noqa: SIM115
            monkeypatch.setattr(sys, name, stream)
        prepare_streams()

    return made


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", b"a. -> \\u4f60 \xff\n"), ("latin-1", b"a. -> \\u4f60 \xff\n")],
)
def test_characters_that_the_encoding_lacks_are_replaced(standard, tmp_path, encoding, shown):
    with (tmp_path / "out").open("wb") as file:
        standard(file.fileno(), encoding)
        print("a… -→ 你 \udcff", flush=True)
    assert (tmp_path / "out").read_bytes() == shown


def test_a_full_disk_is_one_error(standard):
    with open("/dev/full", "wb") as file:  # noqa: PTH123
        standard(file.fileno())
        print("lost", file=sys.stderr)  # no error: nothing could report it
        with pytest.raises(OutputError, match=r"standard output: can't write it \(No space left"):
            print("lost", flush=True)
        sys.stdout.flush()
        print("also lost", flush=True)


def test_a_closed_pipe_is_one_error(standard):
    reader, writer = os.pipe()
    standard(writer)
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        print("lost", flush=True)
    print("also lost", flush=True)
    os.close(writer)


def test_a_result_needs_an_open_standard_output(monkeypatch):
    monkeypatch.setattr(streams, "_missing", set())
    require_output()
    monkeypatch.setattr(streams, "_missing", {"stdout"})
    with pytest.raises(MienError, match="standard output is closed"):
        require_output()


def test_streams_that_are_no_files_are_kept(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    before = sys.stdout
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    prepare_streams()
    assert sys.stdout is before


@pytest.mark.parametrize("closed", CLOSED)
def test_closed_streams_give_neither_a_traceback_nor_a_file_their_descriptor(closed, tmp_path):
    script = (
        "import os, sys\n"
        "from mien.cli.streams import prepare_streams\n"
        "prepare_streams()\n"
        "with open('data', 'w') as file:\n"
        "    assert file.fileno() > 2\n"
        "    print('printed'); print('said', file=sys.stderr); sys.stdin.read()\n"
        "    sys.stdout.flush(); file.write('whole')\n"
    )
    line = f'{sys.executable} -c "$SCRIPT" {closed}'
    done = shell(line, cwd=tmp_path, env={**os.environ, "SCRIPT": script}, stdin=subprocess.DEVNULL)
    assert done.returncode == 0
    assert done.stderr == (b"" if "2>" in closed else b"said\n")
    assert (tmp_path / "data").read_text() == "whole"
