"""The mutators of each format, by the ending of a file."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePath
from random import Random

from fuzz.mutators import archives, arrays, media, text
from fuzz.mutators.base import Mutator
from fuzz.mutators.raw import RAW, flip_bits


def mutators_of(name: str) -> tuple[Mutator, ...]:
    """Return the mutators of a file: those of any bytes, and those of its format."""
    ending = PurePath(name).suffix.lower()
    return (
        *RAW,
        *(_ARCHIVES[ending](PurePath(name).stem) if ending in _ARCHIVES else _FORMATS.get(ending, ())),
    )


def mutated(content: bytes, mutators: Sequence[Mutator], rng: Random) -> tuple[bytes, list[Mutator]]:
    """Return the bytes after one to three changes, and the mutators that were used.

    A mutator that does not know what to do with the bytes, such as those another one has broken, is replaced
    by flipped bits.
    """
    used = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        one = rng.choice(mutators)
        content, used = _applied(one.change, content or b"\0", rng), [*used, one]
    return content, used


def _applied(change: Callable[[bytes, Random], bytes], content: bytes, rng: Random) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return change(content, rng)
    except Exception:  # noqa: BLE001 - a parser of a mutator
        return flip_bits(content, rng)


_FORMATS = {
    ".csv": text.CSV, ".tsv": text.CSV, ".txt": text.TEXT, ".md": text.TEXT, ".list": text.TEXT,
    ".json": text.JSON,
    ".jsonl": text.JSON_LINES, ".yaml": text.YAML, ".npy": arrays.NPY, ".safetensors": arrays.SAFETENSORS,
    ".parquet": arrays.PARQUET, ".onnx": arrays.PROTOBUF, ".png": media.PNG, ".jpg": media.JPEG,
    ".tif": media.TIFF,
    ".gif": media.GIF, ".mp4": media.MP4, ".mov": media.MP4, ".avif": media.MP4, ".jp2": media.MP4,
    ".tar": archives.TAR,
}  # fmt: skip


def _zip(_: str) -> tuple[Mutator, ...]:
    return archives.zipped(mutators_of)


def _packed(kind: str, stem: str) -> tuple[Mutator, ...]:
    return archives.packed(mutators_of(stem), kind)


_ARCHIVES: dict[str, Callable[[str], tuple[Mutator, ...]]] = {
    ".zip": _zip, ".npz": _zip, **{f".{kind}": partial(_packed, kind) for kind in ("gz", "bz2", "xz")}
}  # fmt: skip
