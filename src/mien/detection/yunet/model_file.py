"""The file of YuNet that a user chooses: the one that mien was tested with, unless its digest is stated."""

import hashlib
import os
import re
from pathlib import Path
from typing import Final

from mien.detection.options import DetectorOptions
from mien.detection.yunet.download import FILE, is_known_yunet
from mien.errors import DetectorError
from mien.files.bounded import read_bytes
from mien.files.identify import MODEL, require_kind
from mien.limits import MAX_MODEL_BYTES

FILE_VARIABLE: Final = "MIEN_YUNET"
"""Environment variable with the path of the file."""

DIGEST_VARIABLE: Final = "MIEN_YUNET_SHA256"
"""Environment variable with the SHA-256 of another file than the one that mien was tested with."""

_EXPECTED: Final = "the .onnx file of a YuNet detector"

_DIGEST: Final = re.compile(r"[0-9a-f]{12,64}")
"""A SHA-256 in hexadecimal digits, or the first twelve or more of them."""


def chosen_file(options: DetectorOptions) -> Path | None:
    """Return the file that the user chose by an option or by `$MIEN_YUNET`; never replaced by another.

    Raises:
        DetectorError: A digest is given without a file.
    """
    chosen = options.model or os.environ.get(FILE_VARIABLE)
    if not chosen and options.digest:
        raise DetectorError(
            f"detector digest {options.digest}: it is that of a detector model; give its file as well"
        )
    return Path(chosen).expanduser() if chosen else None


def chosen_digest(options: DetectorOptions) -> str | None:
    """Return the digest that the user stated for the chosen file."""
    return options.digest or os.environ.get(DIGEST_VARIABLE) or None


def read_model(path: Path, digest: str | None = None) -> bytes:
    """Return the content of a file of YuNet.

    Args:
        path: The file.
        digest: Its SHA-256 in hexadecimal digits, or at least the first twelve of them; that of `FILE` by
            default. Small changes of a file change detections without an error.

    Raises:
        DetectorError: The file can't be read, or has another digest.
    """
    require_kind(path, _EXPECTED, (MODEL,), DetectorError)
    try:
        content = read_bytes(path, MAX_MODEL_BYTES)
    except OSError as error:
        raise DetectorError(
            f"{path}: can't read the face detector ({error.strerror}); expected {_EXPECTED}", path=path
        ) from error
    _require_digest(path, content, digest)
    return content


def _require_digest(path: Path, content: bytes, digest: str | None) -> None:
    if digest is None and is_known_yunet(content):
        return
    found = hashlib.sha256(content).hexdigest()
    if digest is None:
        raise DetectorError(
            f"{path}: damaged, or another model than {FILE}; copy it again, or, to use another YuNet, pass "
            f"detector_digest={found} or set {DIGEST_VARIABLE} to that SHA-256",
            path=path,
        )
    if not _DIGEST.fullmatch(digest.lower()):
        raise DetectorError(f"detector digest {digest!r}: expected 12 to 64 hexadecimal digits of a SHA-256")
    if not found.startswith(digest.lower()):
        raise DetectorError(f"{path}: its SHA-256 is {found}, expected {digest}; copy it again", path=path)
