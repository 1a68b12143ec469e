"""The file of predictions: the interface between models and reports.

It is a compressed `.npz` without pickled objects, which any numpy reads. Files of earlier formats are
refused; a run computes its predictions again. Arrays are unpacked as far as the size of the file allows.
"""

import errno
import io
import math
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.files import writing
from mien.files.mapped import npy_header
from mien.limits import MAX_CLASSES, unpacked_limit
from mien.predictions import Predictions
from mien.text import counted

FORMAT: Final = "mien predictions 2"
"""Marks every file, so that the `.npz` of another program or version is recognized."""

TEXTS: Final = ("split", "source", "system", "checkpoint_digest")
OPTIONAL: Final = ("images", "in_training")

_DIMENSIONS: Final = {
    "format": 0, "probabilities": 2, "labels": 1, "ids": 1, "classes": 1, "from_training_data": 0,
    "leakage_warnings": 1, "unfinished": 0, "only_classes": 0, **dict.fromkeys(TEXTS, 0), "images": None,
    "in_training": 1,
}  # fmt: skip
"""Dimensions of each array; images have three or four."""

_MAX_MEMBERS: Final = 100
_HIGHEST_CODE_POINT: Final = 0x10FFFF


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write `predictions` to `path` atomically, as a compressed `.npz`.

    Raises:
        MienError: `path` can't be written.
    """
    # Required arrays last: damage to the end of the directory of the file can't hide optional ones only.
    arrays: dict[str, Any] = {
        **{name: getattr(predictions, name) for name in OPTIONAL},
        "unfinished": np.array(predictions.unfinished, np.str_),
        "only_classes": np.array(True) if predictions.only_classes else None,
        "format": np.array(FORMAT),
        "probabilities": predictions.probabilities,
        "labels": predictions.labels,
        "ids": predictions.ids,
        "classes": np.array(predictions.classes, np.str_),
        "from_training_data": np.array(predictions.from_training_data),
        "leakage_warnings": np.array(predictions.leakage_warnings, np.str_),
        **{name: np.array(getattr(predictions, name), np.str_) for name in TEXTS},
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: array for name, array in arrays.items() if array is not None})
    writing.write_bytes(path, buffer.getvalue())


def read_predictions(path: str | Path) -> Predictions:
    """Read a file of `write_predictions`.

    Raises:
        PredictionsError: There is no such file, it is damaged, or it has another format.
    """
    path = Path(path)
    arrays = _read_arrays(path)
    _require_format(path, str(arrays.get("format", "")))
    try:
        _require_known(arrays)
        _require_sizes(arrays)
        return _predictions_of(arrays)
    except KeyError as error:
        raise PredictionsError(f"{path}: {error.args[0]!r} is missing; predict again", path=path) from error
    except PredictionsError as error:
        raise PredictionsError(f"{path}: {error}", path=path) from error


def _predictions_of(arrays: Mapping[str, NDArray[Any]]) -> Predictions:
    texts: dict[str, Any] = {name: str(arrays[name]) for name in TEXTS}
    return Predictions(
        probabilities=arrays["probabilities"],
        labels=arrays["labels"],
        ids=arrays["ids"],
        classes=_texts(arrays["classes"]),
        images=arrays.get("images"),
        in_training=arrays.get("in_training"),
        from_training_data=bool(arrays["from_training_data"]),
        leakage_warnings=_texts(arrays["leakage_warnings"]),
        unfinished=str(arrays.get("unfinished", "")),
        only_classes=bool(arrays.get("only_classes", False)),
        **texts,
    )


def _require_known(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse arrays that a file of this format doesn't have: the name of an optional one may be damaged."""
    unknown = sorted(arrays.keys() - _DIMENSIONS.keys())
    if unknown:
        raise PredictionsError(f"unknown array {unknown[0][:40]!r}; predict again")


def _require_sizes(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Check what figures and tables need beyond what `Predictions` checks."""
    if not len(arrays["labels"]):
        raise PredictionsError("no faces; predict again")
    if len(arrays["classes"]) > MAX_CLASSES:
        raise PredictionsError(f"{len(arrays['classes'])} classes, at most {MAX_CLASSES} are possible")
    if "images" in arrays and 0 in arrays["images"].shape:
        raise PredictionsError(f"images of shape {arrays['images'].shape}, which are empty; predict again")


def _require_format(path: Path, found: str) -> None:
    if found == FORMAT:
        return
    if found.startswith("mien predictions "):
        raise PredictionsError(
            f"{path}: written by another version of mien ({found[:40]!r}); predict again", path=path
        )
    raise PredictionsError(
        f"{path}: not predictions of mien; expected the .npz of an evaluation, or a .csv of probabilities",
        path=path,
    )


def _texts(array: NDArray[np.str_]) -> tuple[str, ...]:
    return tuple(str(text) for text in array)


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the known arrays of the file by name."""
    try:
        limit = unpacked_limit(_size_of(path))
        with path.open("rb") as stream:
            return _arrays_of(stream, limit)
    except OSError as error:
        reason = error.strerror or error
        raise PredictionsError(f"{path}: can't read predictions ({reason})", path=path) from error
    except Exception as error:  # damaged archives and arrays raise errors of a dozen types
        why = " ".join(str(error).split())[:120] or type(error).__name__
        raise PredictionsError(
            f"{path}: damaged, or not an .npz of predictions ({why}); predict again", path=path
        ) from error


def _size_of(path: Path) -> int:
    """Return the size of a regular file; reading others may block or never end."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return status.st_size


def _arrays_of(stream: BinaryIO, limit: int) -> dict[str, NDArray[Any]]:
    archive = zipfile.ZipFile(stream)
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS or len({member.filename for member in members}) < len(members):
        raise ValueError("too many members, or two of one name")
    size = stream.seek(0, io.SEEK_END)
    if any(member.header_offset + member.compress_size > size for member in members):
        raise ValueError("a member is larger than the file")  # zipfile would allocate what it declares
    if sum(member.file_size for member in members) > limit:
        raise ValueError(f"its arrays take more than {limit >> 20} MB")
    return {_name_of(member): _array_of(archive, member) for member in members}


def _name_of(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _array_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    content = archive.read(member)  # no more than the member declares, with its checksum verified
    name = _name_of(member)
    if name not in _DIMENSIONS:  # a damaged name, or an array of another program
        return np.empty(0)
    stream = io.BytesIO(content)
    shape, _, dtype = npy_header(stream)
    expected = _DIMENSIONS[name]
    if expected is not None and len(shape) != expected:
        raise ValueError(f"{name} has {counted(len(shape), 'dimension')}, expected {expected}")
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError(f"{name}: its header doesn't fit its content")
    array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    _require_values(name, array)
    return array


def _require_values(name: str, array: NDArray[Any]) -> None:
    """Check the bytes of booleans and texts, which numpy doesn't."""
    if name in {"from_training_data", "in_training", "only_classes"}:
        valid = array.dtype == np.bool_ and _highest(array, np.uint8) <= 1
    elif name in {"probabilities", "labels", "images"}:
        valid = array.dtype.kind in "fiu"
    else:
        valid = array.dtype.kind == "U" and (
            array.dtype.itemsize == 0 or _highest(array, np.uint32) <= _HIGHEST_CODE_POINT
        )
    if not valid:
        raise ValueError(f"{name} of type {array.dtype} has invalid values")


def _highest(array: NDArray[Any], kind: type[np.unsignedinteger[Any]]) -> int:
    """Return the highest unsigned number in the memory of an array."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return int(flat.view(kind).max()) if flat.size else 0
