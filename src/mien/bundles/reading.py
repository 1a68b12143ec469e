"""Reading a bundle: nothing of it is run before everything about it was checked.

The file is looked at from the outside in: its size, its bytes, its metadata, its digest, its graph
(`mien.bundles.validation`). What comes out goes to an engine (`mien.recognition.engines`).
"""

from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Final

import onnx
from google.protobuf.message import DecodeError

from mien.bundles.defaults import DEFAULT
from mien.bundles.metadata import BundleMetadata
from mien.bundles.seal import check_seal, read_metadata
from mien.bundles.validation import check_graph
from mien.errors import BundleError

LIMIT: Final = 512 << 20
"""Most bytes of a bundle: five of the largest network of a recipe (25 million weights of 4 bytes)."""

_FIRST_BYTE: Final = b"\x08"
"""Every writer of ONNX begins with the version of the format: field 1, a number."""


@dataclass(frozen=True)
class Bundle:
    """A bundle that was checked.

    Attributes:
        content: The bytes of the ONNX file.
        metadata: What it says about itself.
        name: What it was asked for by: a shipped name, or a path.
    """

    content: bytes
    metadata: BundleMetadata
    name: str


def shipped_names() -> list[str]:
    """Return the names of the bundles that ship with mien, sorted."""
    return sorted(path.stem for path in _shipped_folder().glob("*.onnx"))


def is_bundle(word: Path) -> bool:
    """Whether a word means a bundle where a run may be meant as well.

    A run folder comes first, then a bundle that ships with mien, then a file, whatever it is called: its
    first byte tells. Only of a file that is missing or damaged the end of its name tells what was meant.
    Where nothing but bundles can be meant, `find_bundle` knows the rest of this rule.
    """
    if (word / "run.json").is_file():
        return False
    return str(word) in shipped_names() or word.suffix.lower() == ".onnx" or _begins_as_one(word)


def find_bundle(name: str | Path) -> Path:
    """Return where a bundle lies: a shipped one by its name, or any other by its path.

    Raises:
        BundleError: Neither ships with mien nor lies there.
    """
    path, shipped = Path(name), shipped_names()
    if str(name) in shipped:
        return _shipped_folder() / f"{name}.onnx"
    if path.is_dir():
        raise BundleError(f"{path}: a folder; a bundle is one .onnx file (mien export makes one of a run)")
    if not path.exists():
        raise BundleError(f"{path}: no such bundle{_nearest(path, shipped)}; {_choice(shipped)}")
    return path


def read_bundle(name: str | Path = DEFAULT) -> Bundle:
    """Read a bundle and check all that can be checked without running it.

    Args:
        name: A name from `shipped_names`, or a path.

    Raises:
        BundleError: It is missing, too large, damaged, not of mien, or of a newer mien.
    """
    path = find_bundle(name)
    try:
        content = _read_bytes(path)
        model = _parsed(content)
        metadata = read_metadata(model)
        check_seal(content, model)
        check_graph(content, model, metadata)
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise BundleError(f"{path}: damaged, a name in it is no text; copy or download it again") from error
    return Bundle(content, metadata, str(name))


def _read_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise BundleError("no regular file; a bundle is one .onnx file")
    try:
        size = path.stat().st_size
        if size > LIMIT:
            raise BundleError(f"{size >> 20} MiB; no bundle is larger than {LIMIT >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"can't read it ({error.strerror})") from error


def _begins_as_one(path: Path) -> bool:
    """Whether a file begins as a bundle does; what can't be read, or only once as a pipe, does not."""
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
        raise BundleError("not an ONNX file; a bundle is made by mien export")
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError as error:
        raise BundleError("cut short or damaged; copy or download the bundle again") from error
    return model


def _nearest(path: Path, shipped: list[str]) -> str:
    beside = [str(other) for other in path.parent.glob("*.onnx")]
    near = get_close_matches(str(path), [*shipped, *beside], n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _choice(shipped: list[str]) -> str:
    if not shipped:
        return "none ships with this mien, so give the path of a .onnx file that mien export made"
    return f"give one of {', '.join(shipped)}, or the path of a .onnx file that mien export made"


def _shipped_folder() -> Path:
    return Path(str(files("mien") / "bundles" / "shipped"))
