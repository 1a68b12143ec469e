"""How much memory it takes to decode an image, from what its header declares."""

from typing import Final

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PpmImagePlugin import PpmImageFile

from mien.limits import MAX_PIXELS, MAX_SLOW_PIXELS

_MODES: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
"""Bytes of a pixel in Pillow's memory; other modes have 4."""

_GRAY: Final = {"1", "L", "F", "I", "I;16", "I;16B", "I;16L", "I;16N"}

_DECODERS: Final = {"WEBP": 16, "AVIF": 20, "JPEG2000": 28}
"""Bytes of a pixel while it is decoded (measured; 10 bits of AVIF take more than 8)."""

_SLOW: Final = {"ppm", "ppm_plain"}
"""Decoders of Pillow that are written in Python."""

_COEFFICIENT: Final = 2
"""Bytes of a coefficient of a JPEG. All are in memory if the file has several scans."""

RGB_PIXEL: Final = 7
"""Bytes of a pixel of most files: 4 in Pillow's memory, 3 in the result."""


def pixel_limit(image: Image.Image) -> int:
    """Return how many pixels an image may have in the time that is spent on one: few if Python decodes it."""
    is_slow = any(tile[0] in _SLOW for tile in image.tile) if isinstance(image, PpmImageFile) else False
    return MAX_SLOW_PIXELS if is_slow else MAX_PIXELS


def bytes_to_decode(image: Image.Image, reduction: int = 1) -> int:
    """Return how many bytes of memory it takes, at most, to make an image an 8-bit array.

    Args:
        image: As Pillow opened it, neither loaded nor reduced yet.
        reduction: By which width and height of a JPEG are divided while it is decoded.
    """
    pixels = image.width * image.height
    stored, result = _MODES.get(image.mode, 4), 1 if image.mode in _GRAY else 3
    if isinstance(image, JpegImageFile):
        decoded = pixels // reduction**2
        return decoded * stored + round(max(decoded * result, pixels * _coefficients(image)))
    if image.format == "TIFF":
        return round(pixels * (stored + max(_of_strip(image), result)))
    return pixels * max(_DECODERS.get(image.format or "", 0), stored + result)


def _of_strip(image: Image.Image) -> float:
    """The bytes that a strip of a TIFF takes, for each pixel of the image."""
    tags = getattr(image, "tag_v2", {})
    rows = tags.get(278, image.height)
    share = min(1.0, rows / image.height) if isinstance(rows, int) and 322 not in tags else 0.0
    bits = tags.get(258, (8,))
    return share * sum(bits if isinstance(bits, tuple) else (bits,)) / 8 + 1


def _coefficients(image: JpegImageFile) -> float:
    """The bytes of coefficients for each decoded pixel; 0 if the file has one scan."""
    if _is_one_scan(image):
        return 0
    across, down = (max((layer[at] for layer in image.layer), default=1) for at in (1, 2))
    per_pixel = sum(layer[1] * layer[2] for layer in image.layer) / max(1, across * down)
    return per_pixel * _COEFFICIENT


def _is_one_scan(image: JpegImageFile) -> bool:
    """Whether the header of the first scan, which ends where Pillow stopped reading, has all components."""
    size = 6 + 2 * image.layers
    if image.info.get("progressive") or image.fp is None or image.fp.tell() < size:
        return False
    image.fp.seek(-size, 1)
    head = image.fp.read(size)
    return head[:2] == size.to_bytes(2, "big") and head[2] == image.layers
