"""The metadata of a checkpoint, read without torch and safetensors.

A safetensors file begins with the length of its JSON header (8 bytes, little-endian).
"""

import json
from pathlib import Path
from typing import Final

import xxhash

from mien.limits import MAX_RECORD_BYTES

LAST: Final = "last.safetensors"
PREVIOUS: Final = "previous.safetensors"
BEST: Final = "best.safetensors"

TEXTS: Final = ("state", "run")
"""The state of the training, and the identity of the run; checkpoints of earlier versions lack the second."""


def with_digest(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts of a header with a digest of them, which is verified without the tensors."""
    return {**texts, "texts_digest": _digest(texts)}


def read_metadata(path: Path) -> dict[str, str]:
    """Return the texts in the header of a checkpoint; none if it can't be read or is damaged."""
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if length > MAX_RECORD_BYTES:
                return {}
            metadata = json.loads(stream.read(length))["__metadata__"]
            texts = {str(key): str(value) for key, value in metadata.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return texts if texts.get("texts_digest") in {None, _digest(texts)} else {}


def _digest(texts: dict[str, str]) -> str:
    return xxhash.xxh3_128("".join(texts.get(key, "") for key in TEXTS).encode()).hexdigest()
