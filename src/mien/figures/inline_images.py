"""Small images in HTML pages: WebP as data URIs."""

import io
from base64 import b64encode

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def thumbnail(image: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    """Return a square image, uint8 (side, side) or (side, side, 3), scaled down if `side` is above `most`."""
    if image.shape[0] <= most:
        return image
    return np.asarray(cv2.resize(image, (most, most), interpolation=cv2.INTER_AREA), np.uint8)


def encode_webp(image: NDArray[np.uint8], quality: int) -> bytes:
    """Return an image, gray (height, width) or RGB (height, width, 3), as WebP; `quality` is 0 to 100."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "WEBP", quality=quality, method=2)
    return stream.getvalue()


def webp_uri(content: bytes) -> str:
    """Return a WebP file as a data URI."""
    return f"data:image/webp;base64,{b64encode(content).decode('ascii')}"
