"""Arrays of any common layout as faces, and the names of their classes."""

from collections.abc import Callable, Mapping, Sequence
from math import isqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.data.reading import FaceShape
from mien.errors import DataError
from mien.files.mapped import empty_array, release
from mien.limits import FACE_SIZES, MAX_CLASSES, MAX_LABEL_BYTES
from mien.media.archives.members import Member

CLASS_ARRAYS: Final = ("classes", "class_names", "names")
"""Names of an array with the names of the classes."""

_BATCH: Final = 1024


def faces_of(array: NDArray[Any], where: str, shape: FaceShape) -> NDArray[np.uint8]:
    """Return images in any common layout as faces of `shape`.

    Args:
        array: See `mien.data.readers.arrays`.
        where: Its name in errors.
        shape: Size and channels of the faces.

    Raises:
        DataError: Its shape or its values are not those of square images.
    """
    images = _square(array, where)
    scale = _scale(images, where)
    if images.dtype == np.uint8 and images.shape == shape.array(len(images)) and images.flags.c_contiguous:
        return images
    faces: NDArray[np.uint8] = empty_array(shape.array(len(images)))
    for start in range(0, len(images), _BATCH):
        part = images[start : start + _BATCH]
        levels = part if part.dtype == np.uint8 else np.rint(part.astype(np.float64) * scale).astype(np.uint8)
        faces[start : start + _BATCH] = _shaped(levels, shape)
        release(images)
        release(faces)
    return faces


def label_names(
    named: Mapping[str, Member], source: str, load: Callable[[Member, str, int], NDArray[Any]]
) -> Sequence[str] | None:
    """Return the names of the classes, by the numbers of the labels; None if no array has them.

    Raises:
        DataError: The array doesn't hold names, or too many.
    """
    found = next((named[name] for name in CLASS_ARRAYS if name in named), None)
    if found is None:
        return None
    array = load(found, source, MAX_LABEL_BYTES)
    if array.ndim != 1 or array.dtype.kind not in "US" or len(array) > MAX_CLASSES:
        raise DataError(f"{source}: {found.path}: expected the names of at most {MAX_CLASSES} classes")
    return [str(name) for name in array.astype(np.str_)]


def _square(array: NDArray[Any], where: str) -> NDArray[Any]:
    """The images as (n, side, side) or (n, side, side, 3)."""
    shape = array.shape
    if array.ndim == 2 and isqrt(shape[1]) ** 2 == shape[1]:
        array = array.reshape(len(array), isqrt(shape[1]), -1)
    if array.ndim == 4 and shape[1] in (1, 3) and shape[2] == shape[3]:
        array = array.transpose(0, 2, 3, 1)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    is_square = array.ndim in (3, 4) and array.shape[1] == array.shape[2] and array.shape[3:] in ((), (3,))
    if not is_square or array.shape[1] not in FACE_SIZES or not len(array):
        raise DataError(
            f"{where}: shape {shape}, expected square images (n, side, side), (n, side, side, 3) or "
            f"(n, 3, side, side) of {FACE_SIZES.start} to {FACE_SIZES.stop - 1} pixels"
        )
    return array


def _scale(images: NDArray[Any], where: str) -> float:
    """The factor that makes values gray levels: 255 for floats of 0 to 1."""
    if images.dtype == np.uint8:
        return 1.0
    if images.dtype.kind not in "iuf":
        raise DataError(f"{where}: type {images.dtype}, expected numbers from 0 to 255, or from 0 to 1")
    low, high = float(images.min()), float(images.max())
    if not (0 <= low <= high <= 255):  # also NaN
        raise DataError(f"{where}: values from {low:g} to {high:g}, expected 0 to 255, or 0 to 1")
    return 255.0 if images.dtype.kind == "f" and high <= 1 else 1.0


def _shaped(images: NDArray[np.uint8], shape: FaceShape) -> NDArray[np.uint8]:
    from mien.media.images.pixels import with_channels
    from mien.media.images.resize import resize

    if images.shape[1:] == shape.array(0)[1:]:
        return images
    faces = (resize(with_channels(image, shape.channels), shape.size) for image in images)
    return np.array(list(faces), np.uint8)
