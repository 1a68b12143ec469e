"""Large images are converted in bands, with the result of small ones."""

import io

import numpy as np
import pytest
from PIL import Image

from mien.errors import ImageError
from mien.media.images import converting
from mien.media.images.reading import read_image


def image_of(mode, seed=0):
    rng = np.random.default_rng(seed)
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 3000, (31, 17), dtype=np.uint16))
    if mode == "F":
        return Image.fromarray(rng.random((31, 17), dtype=np.float32))
    return Image.fromarray(rng.integers(0, 256, (31, 17, 4), dtype=np.uint8)).convert(mode)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")]
    + [("TIFF", mode) for mode in ("I;16", "F", "CMYK", "RGBA")]
    + [("GIF", "P"), ("JPEG", "CMYK"), ("WEBP", "RGBA")],
)
def test_bands_give_the_same_pixels(monkeypatch, kind, mode):
    buffer = io.BytesIO()
    options = {"transparency": 7} if mode == "P" else {}
    image_of(mode).save(buffer, kind, **options)
    whole = read_image(buffer)
    for band in (1, 17 * 4, 17 * 30):
        monkeypatch.setattr(converting, "BAND", band)
        assert np.array_equal(read_image(buffer), whole)


def test_the_depth_is_that_of_the_whole_image(monkeypatch):
    levels = np.zeros((10, 4), np.uint16)
    levels[0], levels[9] = 100, 4095
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "TIFF")
    monkeypatch.setattr(converting, "BAND", 8)
    assert read_image(buffer)[[0, 9], 0, 0].tolist() == [6, 255]


def test_a_wrong_level_is_refused_in_any_band(monkeypatch):
    levels = np.zeros((10, 4), np.float32)
    levels[9] = 2
    monkeypatch.setattr(converting, "BAND", 8)
    with pytest.raises(ImageError, match=r"from 2 to 2, expected 0 to 1|from 0 to 2"):
        read_image(Image.fromarray(levels))
