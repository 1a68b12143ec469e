"""Images in pages: small, and as data URIs that decode to them."""

import io
from base64 import b64decode

import numpy as np
from PIL import Image

from mien.figures.inline_images import encode_webp, thumbnail, webp_uri


def test_images_are_scaled_down_and_never_up():
    assert thumbnail(np.zeros((48, 48, 3), np.uint8), 24).shape == (24, 24, 3)
    small = np.zeros((20, 20), np.uint8)
    assert thumbnail(small, 24) is small


def test_a_data_uri_holds_the_image():
    gray = np.full((8, 8), 100, np.uint8)
    content = b64decode(webp_uri(encode_webp(gray, 90)).removeprefix("data:image/webp;base64,"))
    shown = Image.open(io.BytesIO(content))
    assert (shown.format, shown.size) == ("WEBP", (8, 8))
    assert np.abs(np.asarray(shown.convert("L")).astype(int) - 100).max() <= 3
