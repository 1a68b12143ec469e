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


_DAMAGED: Final = (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError)


def with_digest(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts of a header with a digest of them, which is verified without the tensors."""
    return {**texts, "texts_digest": _digest(texts)}


def read_metadata(path: Path) -> dict[str, str]:
    """Return the texts in the header of a checkpoint; none if it can't be read or is damaged."""
    try:
        metadata = _read_header(path)["__metadata__"]
        texts = {str(key): str(value) for key, value in metadata.items()}
    except _DAMAGED:
        return {}
    return texts if texts.get("texts_digest") in {None, _digest(texts)} else {}


def network_bytes(path: Path) -> int | None:
    """Return the size of the network in a checkpoint, without that of the optimizer.

    None if the checkpoint can't be read or is damaged.
    """
    try:
        offsets = {key: value["data_offsets"] for key, value in _read_header(path).items() if key[0] != "_"}
        sizes = {key: int(end) - int(start) for key, (start, end) in offsets.items()}
    except _DAMAGED:
        return None
    network = sum(size for key, size in sizes.items() if key.startswith("network."))
    return network or None


def _read_header(path: Path) -> dict[str, Any]:
    """Return the header; raise one of `_DAMAGED` if it can't be read."""
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > MAX_RECORD_BYTES:
            raise ValueError("a header that is too long")
        header: dict[str, Any] = json.loads(stream.read(length))
        return header


def _digest(texts: dict[str, str]) -> str:
    return xxhash.xxh3_128("".join(texts.get(key, "") for key in TEXTS).encode()).hexdigest()
