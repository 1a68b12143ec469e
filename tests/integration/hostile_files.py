"""Write hostile files into a folder, read each, and report those that are accepted or take too much memory.

Run as a program, in a process of its own whose memory is capped: `python hostile_files.py FOLDER`.
"""

import bz2
import gzip
import re
import resource
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from mien.config.load import read_recipe
from mien.data import read_source
from mien.data.readers.ferplus import read_votes
from mien.detection.provided.boxes import read_boxes
from mien.detection.yunet.detector import read_yunet
from mien.errors import MienError
from mien.evaluation.probability_csv.reading import read_probability_csv
from mien.media.images.reading import read_image
from mien.media.images.sizes import pixels_of

CAP = 768 << 20
"""Bytes of data of the process; a reader without limits fails."""

MOST = 256 << 20
"""Bytes that a reader may take of it, without the libraries."""


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, more: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + chunk(b"IDAT", b"") + chunk(b"IEND")


def tiff(*tags: tuple[int, int, int, int]) -> bytes:
    entries = b"".join(struct.pack("<HHLL", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<LH", 8, len(tags)) + entries


def tar_header(size: int) -> bytes:
    info = tarfile.TarInfo("happy/1.png")
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def zipped(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


def image(path: Path) -> object:
    return pixels_of(path), read_image(path)


def faces(path: Path) -> object:
    return read_source(path, cache=False, skip_bad=True)


TEXT = 70 * chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1_000_000), 9))
ALIASES = "".join(f"n{at}: &n{at} [{','.join([f'*n{at - 1}'] * 9)}]\n" for at in range(1, 9))
MERGES = ALIASES.replace("[", "{<<: [").replace("]", "]}")
BLANK = gzip.compress(b"\n" * 5_000_000)

FILES: dict[str, tuple[bytes | str, Callable[[Path], Any]]] = {
    "newlines.pgm": (b"P5" + b"\n" * 3_000_000, image),
    "comments.pgm": (b"P5" + b"#\n" * 3_000_000, image),
    "pixels.png": (png(60_000, 60_000), image),
    "text.png": (png(10, 10, TEXT), image),
    "chunks.png": (png(10, 10, chunk(b"tiNy") * 100_000), image),
    "segments.jpg": (b"\xff\xd8" + b"\xff\xe5\0\2" * 100_000, image),
    "twice.tif": (tiff((256, 4, 1, 9), (256, 4, 1, 30_000), (257, 4, 1, 9), (257, 4, 1, 30_000)), image),
    "tile.tif": (tiff((256, 4, 1, 9), (257, 4, 1, 9), (322, 4, 1, 60_000), (323, 4, 1, 60_000)), image),
    "negative.tar": (tar_header(3) + bytes(512) + tar_header(-512) + bytes(1024), faces),
    "huge.tar.bz2": (bz2.compress(tar_header(1 << 40) + bytes(5_000_000)), faces),
    "blank.csv.gz": (gzip.compress(b"emotion,pixels,Usage\n") + BLANK, faces),
    "blank manifest.csv.gz": (gzip.compress(b"path,label\n") + BLANK, faces),
    "line.csv.gz": (gzip.compress(b"path,label\n" + b"x" * 5_000_000), faces),
    "line.csv.bz2": (bz2.compress(b"emotion,pixels,Usage\n" + b"x" * 5_000_000), faces),
    "rows.csv.gz": (gzip.compress(b"emotion,pixels,Usage\n" + b"x,y,z\n" * 102_000), faces),
    "columns.csv": (",".join(f"c{at}" for at in range(1_000_000)), read_probability_csv),
    "cells.csv": ("angry,happy\n" + "1,0\n" * 1_010_000, read_probability_csv),
    "boxes.json": ('{"a":[' + "[]," * 6_000_000 + "[]]}", read_boxes),
    "nested.json": ("[" * 1_000_000, read_boxes),
    "votes.csv": (",".join(["Usage", "Image name"] * 300_000), read_votes),
    "aliases.yaml": (f"n0: &n0 [{'x,' * 9}]\n{ALIASES}", read_recipe),
    "merges.yaml": (f"n0: &n0 {{a: 1}}\n{MERGES}", read_recipe),
    "large.yaml": ("# " + "x" * 1_000_000, read_recipe),
}


def write_files(folder: Path) -> dict[Path, Callable[[Path], Any]]:
    """Write all files; return them, and endless devices, with their readers."""
    for name, (content, _) in FILES.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    zipped(folder / "image.zip", "happy/a.pgm", b"P5" + b"\n" * 3_000_000)
    zipped(folder / "large.zip", "happy/a.bmp", bytes(68_000_000))
    np.savez_compressed(folder / "large.npz", images=np.zeros((60_000, 48, 48), np.uint8))
    found = {folder / name: read for name, (_, read) in FILES.items()}
    found |= {folder / name: faces for name in ("image.zip", "large.zip", "large.npz")}
    zero = Path("/dev/zero")
    (folder / "zero.yaml").symlink_to(zero)
    readers = (read_boxes, read_votes, read_probability_csv, read_yunet, faces)
    links = {folder / f"zero {at}": read for at, read in enumerate(readers)}
    for link in links:
        link.symlink_to(zero)
    return found | links | {folder / "zero.yaml": read_recipe}


def memory(name: str) -> int:
    """A size in bytes in the status of this process."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(rf"{name}:\s+(\d+)", text)[1]) << 10  # type: ignore[index]


def problem_of(path: Path, read: Callable[[Path], Any]) -> str:
    """Return what is wrong with how a file is read; nothing if it is refused at little memory."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak
    before, outcome = memory("VmRSS"), "accepted"
    try:
        read(path)
    except MienError as error:
        outcome = "" if len(str(error)) < 2500 else "a long error"
    except BaseException as error:  # noqa: BLE001 - reported
        outcome = repr(error)[:200]
    taken = memory("VmHWM") - before
    if taken > MOST:
        outcome += f" {taken >> 20} MB"
    return outcome and f"{path.name}: {outcome}"


def main(folder: Path) -> int:
    files = write_files(folder)
    for read in dict.fromkeys(files.values()):
        with suppress(MienError):  # imports what it needs
            read(folder / "missing")
    resource.setrlimit(resource.RLIMIT_DATA, (CAP, CAP))
    problems = [problem for path, read in files.items() if (problem := problem_of(path, read))]
    sys.stdout.write("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
