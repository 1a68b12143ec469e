"""The metadata of a checkpoint, read without torch and safetensors.

A safetensors file begins with the length of its JSON header (8 bytes, little-endian).
"""

import json
from pathlib import Path
from typing import Any, Final

import xxhash

from mien.limits import MAX_RECORD_BYTES

LAST: Final = "last.safetensors"
PREVIOUS: Final = "previous.safetensors"
BEST: Final = "best.safetensors"

TEXTS: Final = ("state", "run")
"""The state of the training, and the identity of the run; checkpoints of earlier versions lack the second."""


_METADATA: Final = "__metadata__"

_DAMAGE: Final = (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError)
"""What reading a header of arbitrary bytes raises."""


def with_digest(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts of a header with a digest of them, which is verified without the tensors."""
    return {**texts, "texts_digest": _digest(texts)}


def read_metadata(path: Path) -> dict[str, str]:
    """Return the texts in the header of a checkpoint; none if it can't be read or is damaged."""
    try:
        return _texts_of(_read_header(path)[1])
    except _DAMAGE:
        return {}


def damage_of(path: Path) -> str | None:
    """Return what is wrong with a checkpoint, or None; its tensors are not read.

    Args:
        path: A file that exists.
    """
    try:
        begin, header = _read_header(path)
        expected = begin + max(
            (entry["data_offsets"][1] for name, entry in header.items() if name != _METADATA), default=0
        )
        found = path.stat().st_size
        if not _texts_of(header):
            return "its header is damaged"
    except _DAMAGE:
        return "it can't be read" if _is_unreadable(path) else "its header is damaged"
    return None if found == expected else f"{found:,} bytes, expected {expected:,}"


def network_bytes(path: Path) -> int | None:
    """Return the size of the network in a checkpoint, without that of the optimizer.

    None if the checkpoint can't be read or is damaged.
    """
    try:
        entries = [entry for name, entry in _read_header(path)[1].items() if name.startswith("network.")]
        return (
            sum(int(end) - int(start) for start, end in (entry["data_offsets"] for entry in entries)) or None
        )
    except _DAMAGE:
        return None


def _read_header(path: Path) -> tuple[int, dict[str, Any]]:
    """Return where the tensors begin, and the header.

    Raises:
        OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError: See `_DAMAGE`.
    """
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > MAX_RECORD_BYTES:
            raise ValueError("too long")
        return 8 + length, json.loads(stream.read(length))


def _texts_of(header: dict[str, Any]) -> dict[str, str]:
    """Return the texts of a header; none if they don't match their digest."""
    texts = {str(key): str(value) for key, value in header[_METADATA].items()}
    return texts if texts.get("texts_digest") in {None, _digest(texts)} else {}


def _is_unreadable(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError:
        return True
    return False


def _digest(texts: dict[str, str]) -> str:
    return xxhash.xxh3_128("".join(texts.get(key, "") for key in TEXTS).encode()).hexdigest()
