"""Reads and validates a bundle; nothing in it runs before every check has passed.

The checks: file size, number of parts, metadata, digest, graph (`mien.bundles.validation`). The result is run
by an engine (`mien.recognition.engines`).
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Final

import onnx

from mien.arguments import INTEGER, TEXT, Kind, of_type, optional, require_fields, within
from mien.bundles.defaults import DEFAULT
from mien.bundles.metadata import BundleMetadata
from mien.bundles.seal import check_seal, read_metadata
from mien.bundles.validation import BATCH, check_graph
from mien.errors import BundleError, GraphError
from mien.files.bounded import read_bytes
from mien.files.identify import BUNDLE, MODEL, require_kind
from mien.files.writing import as_path
from mien.limits import MAX_BUNDLE_BYTES
from mien.runtime.checks.graph import parse_model

_FIRST_BYTE: Final = b"\x08"
"""ONNX files begin with field 1, the version of the format."""


_FIELDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "content": of_type(bytes, "the bytes of an ONNX file"),
        "metadata": of_type(BundleMetadata, "BundleMetadata"),
        "name": TEXT,
        "path": optional(of_type(Path, "a Path")),
        "batch": within(INTEGER, 1, sys.maxsize),
    }
)


@dataclass(frozen=True)
class Bundle:
    """A validated bundle.

    Attributes:
        content: The bytes of the ONNX file.
        metadata: Its metadata.
        name: How it was requested: a shipped name, or a path.
        path: The file; None if it exists in memory only.
        batch: Most faces that its graph may get at a time.
    """

    content: bytes
    metadata: BundleMetadata
    name: str
    path: Path | None = None
    batch: int = BATCH

    def __post_init__(self) -> None:
        """Check the types of the fields; `read_bundle` validates the content.

        Raises:
            BundleError: One has another type.
        """
        require_fields(self, _FIELDS, BundleError)

    def __repr__(self) -> str:
        """Return one line without the content, which has millions of bytes."""
        metadata = self.metadata
        accuracy = f"{metadata.scores[0].accuracy:.4f}" if metadata.scores else "unknown"
        return (
            f"Bundle(name={self.name!r}, input={metadata.input_shape}, classes={len(metadata.classes)}, "
            f"accuracy={accuracy}, size={len(self.content) / 1e6:.2f} MB)"
        )


def shipped_names() -> list[str]:
    """Return the names of the bundles that ship with mien, sorted."""
    return sorted(path.stem for path in _shipped_folder().glob("*.onnx"))


def is_bundle(word: Path) -> bool:
    """Return whether a word names a bundle, where it could name a run as well.

    A run folder takes precedence, then a shipped bundle, then a file: its first byte decides, and if it is
    missing or damaged its ending. `find_bundle` resolves words that can only name bundles.
    """
    if (word / "run.json").is_file():
        return False
    return str(word) in shipped_names() or word.suffix.lower() == ".onnx" or _has_onnx_start(word)


def find_bundle(name: str | Path) -> Path:
    """Return the path of a bundle, given a shipped name or a path.

    Raises:
        BundleError: No bundle ships under that name, and no file exists there.
    """
    if not isinstance(name, str | PathLike):
        raise BundleError(f"bundle of type {type(name).__name__}, expected a path or a shipped name")
    path, shipped = as_path(name, "bundle", BundleError), shipped_names()
    if str(name) in shipped:
        return _shipped_folder() / f"{name}.onnx"
    require_kind(path, "a bundle, an .onnx file", (BUNDLE, MODEL), BundleError)
    if path.is_dir():
        raise BundleError(f"{path}: a folder; a bundle is one .onnx file, exported from a run")
    if not path.exists():
        raise BundleError(f"{path}: no such bundle{_nearest(path, shipped)}; {_choice(shipped)}")
    return path


def read_bundle(name: str | Path = DEFAULT) -> Bundle:
    """Read a bundle and validate everything that can be validated without running it.

    Args:
        name: A name from `shipped_names`, or a path.

    Raises:
        BundleError: It is missing, too large, damaged, not made by mien, or made by another version of mien.
    """
    path = find_bundle(name)
    try:
        content = _read_bytes(path)
        model = _parsed(content)
        metadata = read_metadata(model)
        check_seal(content, model)
        batch = check_graph(content, model, metadata)
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise BundleError(
            f"{path}: damaged: a name in it is not valid text; copy or download it again"
        ) from error
    return Bundle(content, metadata, str(name), path, batch)


def _read_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise BundleError("not a regular file; a bundle is one .onnx file")
    try:
        size = path.stat().st_size
        if size > MAX_BUNDLE_BYTES:
            most = MAX_BUNDLE_BYTES >> 20
            raise BundleError(f"{size >> 20} MiB; the largest size of a bundle is {most} MiB")
        return read_bytes(path, MAX_BUNDLE_BYTES)
    except OSError as error:
        raise BundleError(f"can't read it ({error.strerror})") from error


def _has_onnx_start(path: Path) -> bool:
    """Return whether a regular, readable file begins like an ONNX file."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(1) == _FIRST_BYTE
    except OSError:
        return False


def _parsed(content: bytes) -> onnx.ModelProto:
    if not content:
        raise BundleError("an empty file; copy or download the bundle again")
    if not content.startswith(_FIRST_BYTE):
        raise BundleError("not an ONNX file, expected a bundle exported from a run")
    try:
        return parse_model(content)
    except GraphError as error:
        raise BundleError(f"{error}; copy or download the bundle again") from error


def _nearest(path: Path, shipped: list[str]) -> str:
    beside = [str(other) for other in path.parent.glob("*.onnx")]
    near = get_close_matches(str(path), [*shipped, *beside], n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _choice(shipped: list[str]) -> str:
    if not shipped:
        return "no bundle ships with this installation; give the path of a .onnx file exported from a run"
    return f"give one of {', '.join(shipped)}, or the path of a .onnx file exported from a run"


def _shipped_folder() -> Path:
    return Path(str(files("mien") / "bundles" / "shipped"))
