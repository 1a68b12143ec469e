"""The memory that decoding takes, and what is refused or reduced by it."""

import io

import pytest
from PIL import Image

from mien.errors import ImageError
from mien.media.images import decoding
from mien.media.images.decoding import DecodeOptions, decode_stream
from mien.media.images.headers import opened_image
from mien.media.images.memory import bytes_to_decode


def encoded(kind, mode="RGB", size=(80, 40), **options):
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode", "options", "expected"),
    [
        ("PNG", "RGB", {}, 7),
        ("PNG", "L", {}, 2),
        ("PNG", "I;16", {}, 3),
        ("PNG", "RGBA", {}, 7),
        ("BMP", "RGB", {}, 7),
        ("PPM", "RGB", {}, 7),
        ("JPEG", "RGB", {}, 7),
        ("JPEG", "L", {}, 2),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}, 4 + 3 * 2),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 2}, 4 + 1.5 * 2),
        ("JPEG", "CMYK", {"progressive": True}, 4 + 4 * 2),
        ("WEBP", "RGB", {}, 16),
        ("AVIF", "RGB", {}, 20),
        ("JPEG2000", "RGB", {}, 28),
        ("TIFF", "RGB", {"tiffinfo": {278: 40}, "compression": "tiff_lzw"}, 4 + 4),
        ("TIFF", "RGB", {"tiffinfo": {278: 1}, "compression": "tiff_lzw"}, 4 + 3),
    ],
)
def test_bytes_of_a_pixel(kind, mode, options, expected):
    with opened_image(io.BytesIO(encoded(kind, mode, **options))) as image:
        assert bytes_to_decode(image) == expected * 80 * 40


def test_a_reduced_jpeg_takes_less_but_all_its_coefficients():
    with opened_image(io.BytesIO(encoded("JPEG"))) as image:
        assert bytes_to_decode(image, 4) == 7 * 20 * 10
    with opened_image(io.BytesIO(encoded("JPEG", progressive=True, subsampling=0))) as image:
        assert bytes_to_decode(image, 4) == 6 * 80 * 40 + 4 * 20 * 10


def limited(monkeypatch, content, factor):
    """Allow `factor` bytes for each pixel of 80x40, beside those of the file."""
    monkeypatch.setattr(decoding, "MAX_DECODING", len(content) + factor * 80 * 40)


@pytest.mark.parametrize(("kind", "enough"), [("PNG", 7), ("WEBP", 16), ("JPEG", 7), ("JPEG2000", 28)])
def test_what_takes_more_memory_is_refused(monkeypatch, kind, enough):
    content = encoded(kind)
    limited(monkeypatch, content, enough)
    assert decode_stream(io.BytesIO(content)).size == (80, 40)
    limited(monkeypatch, content, enough - 1)
    with pytest.raises(ImageError, match=r"80x40 pixels; the limit of such a file is 0 megapixels: scale"):
        decode_stream(io.BytesIO(content))


def test_a_jpeg_is_reduced_until_it_fits(monkeypatch):
    content = encoded("JPEG")
    for factor, size in ((7, (80, 40)), (6, (40, 20)), (1, (20, 10))):
        limited(monkeypatch, content, factor)
        decoded = decode_stream(io.BytesIO(content), DecodeOptions(fit=True))
        assert (decoded.size, decoded.pixels.shape) == ((80, 40), (size[1], size[0], 3))
    limited(monkeypatch, content, 0)
    with pytest.raises(ImageError, match="scale it down"):
        decode_stream(io.BytesIO(content), DecodeOptions(fit=True))


def test_the_pixels_of_a_reduced_jpeg_count(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_PIXELS", 1000)
    content = io.BytesIO(encoded("JPEG"))
    assert decode_stream(content, DecodeOptions(side=20)).pixels.shape == (10, 20, 3)
    content.seek(0)
    with pytest.raises(ImageError, match="80x40 pixels"):
        decode_stream(content)


@pytest.mark.parametrize("head", [b"P2 3000 2000 255 ", b"P6 3000 2000 100 ", b"P5 3000 2000 4095 "])
def test_what_is_decoded_slowly_may_have_few_pixels(head):
    with pytest.raises(ImageError, match="limit of such a file is 4 megapixels"):
        decode_stream(io.BytesIO(head + bytes(10)))
