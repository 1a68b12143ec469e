"""The file of the YuNet detector: from the cache, or downloaded once.

An offline machine must neither fail nor hang without it; `auto.py` then uses another detector.
"""

import hashlib
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mien.errors import DetectorError, MienError
from mien.files.bounded import read_address, read_bytes
from mien.files.caches import cache_folder
from mien.files.writing import write_bytes

FILE: Final = "face_detection_yunet_2023mar.onnx"
SHA256: Final = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
SIZE: Final = 232_589

SOURCES: Final = (
    "https://huggingface.co/opencv/face_detection_yunet/resolve/main/face_detection_yunet_2023mar.onnx",
    "https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/master/onnx/yunet_s_640_640.onnx",
)
"""Both have the same bytes; the license of the network is MIT."""

SOURCE_TIMEOUT: Final = 3.0
"""Timeout in seconds of one source."""

TOTAL_TIMEOUT: Final = 8.0
"""Timeout in seconds of all sources together."""

BY_HAND: Final = f"download {SOURCES[0]} and set MIEN_YUNET to its path"


def fetch_yunet(*, offline: bool, notice: Callable[[str], None]) -> bytes:
    """Return YuNet's file from the cache, or download and keep it.

    A damaged file in the cache is downloaded again.

    Args:
        offline: Download nothing.
        notice: Called with one line about a download.

    Raises:
        DetectorError: It isn't in the cache, and can't be downloaded.
    """
    path = cache_folder("models") / FILE
    try:
        content = read_bytes(path, SIZE)
    except OSError:
        content = b""
    if is_known_yunet(content):
        return content
    if offline:
        raise DetectorError(f"no YuNet in {path.parent}, and offline; {BY_HAND}")
    return _downloaded(path, notice)


def _downloaded(path: Path, notice: Callable[[str], None]) -> bytes:
    """Download it, and write it to `path` if that is possible."""
    content, source = _first_download()
    done = f"downloaded the face detector YuNet ({SIZE / 1e3:.0f} kB) from {source}"
    try:
        write_bytes(path, content)
    except MienError as error:
        notice(f"{done}; it will be downloaded again: {error}")
    else:
        notice(f"{done} to {path}")
    return content


def _first_download() -> tuple[bytes, str]:
    """Return the file and the source that had it.

    A daemon thread downloads, since nothing else ends a name look-up that nobody answers.
    """
    answer: queue.SimpleQueue[tuple[bytes, str] | DetectorError] = queue.SimpleQueue()
    threading.Thread(target=lambda: answer.put(_download_any()), name="yunet", daemon=True).start()
    try:
        found = answer.get(timeout=TOTAL_TIMEOUT)
    except queue.Empty:
        found = DetectorError(f"YuNet: no answer within {TOTAL_TIMEOUT:g} seconds; {BY_HAND}")
    if isinstance(found, DetectorError):
        raise found
    return found


def _download_any() -> tuple[bytes, str] | DetectorError:
    problems = []
    for source in SOURCES:
        try:
            content = read_address(source, SIZE, SOURCE_TIMEOUT)
        except OSError as error:
            problems.append(f"{_host(source)}: {_reason(error)}")
            continue
        if is_known_yunet(content):
            return content, source
        problems.append(f"{_host(source)}: not the expected file (wrong size or SHA-256)")
    return DetectorError(f"YuNet can't be downloaded ({'; '.join(problems)}); {BY_HAND}")


def _reason(error: Exception) -> str:
    """Return the cause, without the wrapping of urllib around a network error."""
    cause = getattr(error, "reason", None)
    return str(cause if isinstance(cause, OSError) else error)


def _host(source: str) -> str:
    return source.split("/")[2]


def is_known_yunet(content: bytes) -> bool:
    """Return whether a file is the one that mien was tested with."""
    return len(content) == SIZE and hashlib.sha256(content).hexdigest() == SHA256
