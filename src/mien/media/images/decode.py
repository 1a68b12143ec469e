"""One encoded image, of any size and color, to one gray face."""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import DataError
from mien.media.images.image_size import image_size

MAX_PIXELS = 64_000_000
"""More is no picture of a face, and would take hundreds of megabytes to decode."""

MAX_BYTES = 64 << 20
"""Largest encoded image that is read at all."""


def decode_face(content: bytes, size: int) -> NDArray[np.uint8]:
    """Decode an image: upright after its EXIF orientation, gray, on white where transparent.

    Args:
        content: PNG, JPEG, BMP, GIF, WebP, PNM or TIFF, with 8 or 16 bits a channel.
        size: Side of the face in pixels; other proportions are stretched.

    Returns:
        uint8, (side, side).

    Raises:
        DataError: No image, a damaged or a huge one. The message doesn't name the file.
    """
    if not content:
        raise DataError("an empty file, expected an image")
    dimensions = image_size(content)
    if dimensions is None:
        raise DataError("not an image that can be read (PNG, JPEG, BMP, GIF, WebP, PNM or TIFF)")
    if not 0 < dimensions[0] * dimensions[1] <= MAX_PIXELS:
        raise DataError(f"an image of {dimensions[0]}x{dimensions[1]} pixels, expected 1 to {MAX_PIXELS}")
    return resized(_gray(content), size)


def resized(face: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a gray image (height, width) as (side, side), averaging areas where it shrinks."""
    if face.shape == (size, size):
        return face
    method = cv2.INTER_AREA if min(face.shape) >= size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(face, (size, size), interpolation=method), np.uint8)


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keep OpenCV from writing about damaged images to stderr; the errors raised say it better."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _gray(content: bytes) -> NDArray[np.uint8]:
    if not content.startswith(b"\xff\xd8"):  # JPEG has no transparency
        raw = _decoded(content, cv2.IMREAD_UNCHANGED)
        if raw.ndim == 3 and raw.shape[2] == 4:
            return _on_white(raw)
    return _decoded(content, cv2.IMREAD_GRAYSCALE)


def _decoded(content: bytes, flags: int) -> NDArray[np.uint8]:
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error as error:
        raise DataError(f"an image that can't be decoded ({error.err})") from error
    if image is None:
        raise DataError("an image that can't be decoded: is it damaged or cut off?")
    return np.asarray(image)


def _on_white(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blend color and opacity (height, width, 4), 8 or 16 bit, over white."""
    full = float(np.iinfo(image.dtype).max)
    opacity = image[:, :, 3].astype(np.float32) / full
    gray = cv2.cvtColor(image[:, :, :3], cv2.COLOR_BGR2GRAY).astype(np.float32) * (255 / full)
    blended: NDArray[np.uint8] = np.rint(gray * opacity + 255 * (1 - opacity)).astype(np.uint8)
    return blended
