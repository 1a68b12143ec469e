"""JPEGs at a fraction of their size, and JPEGs that end early."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from mien.errors import ImageError
from mien.media.images.decoding import DecodeOptions, decode_stream
from mien.media.images.reading import read_decoded, read_image

TOLERANT = DecodeOptions(tolerate_truncated=True)


def smooth(width=400, height=300):
    """An image in color without edges, bright at the top and dark at the bottom."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return np.dstack([255 * (1 - y), 200 * (1 - y), 100 + 80 * x * (1 - y)]).astype(np.uint8)


def jpeg(image=None, mode="RGB", orientation=1, kind="JPEG", **options):
    exif = Image.Exif()
    exif[274] = orientation
    stream = io.BytesIO()
    pixels = Image.fromarray(smooth() if image is None else image).convert(mode)
    pixels.save(stream, kind, exif=exif, **options)
    return stream.getvalue()


def decoded(content, **options):
    return decode_stream(io.BytesIO(content), DecodeOptions(**options))


@pytest.mark.parametrize(
    ("side", "shape"),
    [(None, (300, 400)), (401, (300, 400)), (201, (300, 400)), (200, (150, 200)), (101, (150, 200)),
     (100, (75, 100)), (50, (38, 50)), (1, (38, 50))],
)  # fmt: skip
def test_a_jpeg_is_reduced_as_long_as_it_has_enough_pixels(side, shape):
    found = decoded(jpeg(), side=side)
    assert found.pixels.shape == (*shape, 3)
    assert found.size == (400, 300)
    assert found.scale == pytest.approx((400 / shape[1], 300 / shape[0]))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_reduced_image_looks_like_the_whole_one(mode, progressive, orientation):
    content = jpeg(mode=mode, progressive=progressive, orientation=orientation)
    whole, small = read_decoded(content), read_decoded(content, options=DecodeOptions(side=200))
    assert small.size == whole.size == whole.pixels.shape[1::-1]
    expected = cv2.resize(whole.pixels, small.pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small.pixels.astype(int) - expected).mean() < 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_are_not_reduced(kind):
    assert decoded(jpeg(kind=kind), side=50).pixels.shape == (300, 400, 3)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
@pytest.mark.parametrize("orientation", [1, 8])
def test_what_is_there_of_a_truncated_jpeg_is_decoded(progressive, kind, orientation):
    content = jpeg(kind=kind, progressive=progressive, orientation=orientation)
    whole, half = decoded(content), decode_stream(io.BytesIO(content[: len(content) * 2 // 3]), TOLERANT)
    assert (whole.truncated, half.truncated) == (False, True)
    assert half.size == whole.size
    start = np.s_[:100] if orientation == 1 else np.s_[:, :100]
    assert np.abs(half.pixels[start].astype(int) - whole.pixels[start]).mean() < 20
    assert not decode_stream(io.BytesIO(content), TOLERANT).truncated


def test_a_jpeg_without_its_last_bytes_is_nearly_whole():
    content = jpeg()
    found = decode_stream(io.BytesIO(content[:-20]), TOLERANT)
    assert found.truncated
    assert np.abs(found.pixels.astype(int) - decoded(content).pixels).mean() < 2


def test_a_truncated_jpeg_may_be_reduced():
    found = decoded(jpeg()[:-20], side=100, tolerate_truncated=True)
    assert (found.truncated, found.pixels.shape, found.size) == (True, (75, 100, 3), (400, 300))


@pytest.mark.parametrize("content", [jpeg()[:300], jpeg(kind="PNG")[:-200], b"\xff\xd8\xff", b"text"])
def test_a_file_without_pixels_or_of_another_format_is_refused(content):
    with pytest.raises(ImageError):
        decode_stream(io.BytesIO(content), TOLERANT)


def test_the_error_names_the_remedy_where_there_is_one(tmp_path):
    path = tmp_path / "cut.jpg"
    path.write_bytes(jpeg()[:-50])
    with pytest.raises(ImageError, match=r"cut\.jpg: .*cut off.*; pass tolerate_truncated=True to "):
        read_decoded(path)
    with pytest.raises(ImageError, match="cut off") as caught:
        read_image(path)
    assert "pass" not in str(caught.value)
