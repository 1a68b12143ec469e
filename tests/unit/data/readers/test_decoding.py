"""Training data and recognition decode an image to the same pixels, whatever its kind."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from builders import folder_of
from mien.data import read_faces
from mien.data.extraction import extract_face
from mien.data.progress import reading_progress
from mien.data.readers import decoding
from mien.data.reading import FaceShape
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.crops import crop_faces
from mien.detection.whole import WholeImage
from mien.errors import ImageError, MienError
from mien.media.images.pixels import with_channels
from mien.media.images.reading import read_image
from mien.runtime.ahead import ahead


def photo(height=70, width=90):
    """A smooth color image, which lossy formats keep."""
    noise = np.random.default_rng(5).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def rotated(kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    return encoded(RGB, kind, exif=exif)


RGB = Image.fromarray(photo())
GRAY = RGB.convert("L")
OPACITY = Image.fromarray(np.tile(np.linspace(0, 255, 90).astype(np.uint8), (70, 1)))
RGBA = RGB.copy()
RGBA.putalpha(OPACITY)
LA = GRAY.copy()
LA.putalpha(OPACITY)
PALETTE = RGB.quantize(16)
DEEP = np.asarray(GRAY).astype(np.uint16) * 257
DEEP_COLOR = bytes(cv2.imencode(".png", photo()[:, :, ::-1].astype(np.uint16) * 257)[1])
KINDS = ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF", "JPEG2000"]

IMAGES = {
    **{f"color {kind}": encoded(RGB, kind) for kind in KINDS},
    **{f"gray {kind}": encoded(GRAY, kind) for kind in KINDS if kind != "WEBP"},
    **{f"orientation {number}": rotated("JPEG", number) for number in range(1, 9)},
    **{f"PNG of orientation {number}": rotated("PNG", number) for number in (3, 6)},
    **{f"RGBA {kind}": encoded(RGBA, kind) for kind in ("PNG", "WEBP", "TIFF")},
    "gray with alpha": encoded(LA, "PNG"),
    "palette": encoded(PALETTE, "PNG"),
    "palette with a transparent color": encoded(PALETTE, "PNG", transparency=PALETTE.getpixel((0, 0))),
    "gray with a transparent level": encoded(GRAY, "PNG", transparency=GRAY.getpixel((0, 0))),
    "black and white": encoded(GRAY.convert("1"), "PNG"),
    "CMYK": encoded(RGB.convert("CMYK"), "JPEG"),
    "progressive": encoded(RGB, "JPEG", progressive=True),
    "16-bit gray PNG": encoded(Image.fromarray(DEEP), "PNG"),
    "16-bit gray TIFF": encoded(Image.fromarray(DEEP), "TIFF"),
    "12-bit gray TIFF": encoded(Image.fromarray(DEEP >> 4), "TIFF"),
    "16-bit color PNG": DEEP_COLOR,
    "small": encoded(Image.fromarray(photo(20, 31)), "PNG"),
    "one pixel": encoded(RGB.crop((3, 3, 4, 4)), "PNG"),
    "wide": encoded(RGB.resize((4000, 9)), "PNG"),
    "large": encoded(RGB.resize((1037, 1411)), "JPEG"),
}


def recognition_input(content, size, channels):
    """The face that the engine gets of an image that is one face."""
    image = read_image(content)
    detector = WholeImage()
    pixels = with_channels(image, channels)
    return crop_faces(pixels, detector.detect(image), size, detector.framing)[0]


@pytest.mark.parametrize("size", [48, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_training_and_recognition_see_the_same_pixels(tmp_path, size, channels):
    names = sorted(IMAGES)
    folder = folder_of(tmp_path / "faces", {f"happy/{name}": IMAGES[name] for name in names})
    read = read_faces(folder, size=size, channels=channels, cache=False)
    assert [name.removeprefix("happy/") for name in read.ids] == names
    for name, face in zip(names, read.images, strict=True):
        assert np.array_equal(face, recognition_input(IMAGES[name], size, channels)), name


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("box", [(10, 20, 48, 48), (12.5, 3, 30, 41), (-20, -9, 90, 60), (5, 5, 70, 60)])
def test_a_box_is_cut_out_as_recognition_cuts_a_known_face(channels, box):
    image = with_channels(photo(), channels)
    expected = crop_faces(image, [Detection(Box(*box), 1.0)], 48, Framing())[0]
    found = extract_face(IMAGES["color PNG"], FaceShape(48, channels), box).face
    assert np.array_equal(found, expected)


def test_a_box_outside_of_the_image_is_an_error():
    with pytest.raises(ImageError, match=r"box 90,0,5,5 lies outside of the image of 90x70 pixels"):
        extract_face(IMAGES["color PNG"], FaceShape(48, 3), (90, 0, 5, 5))


def test_progress_is_reported_while_images_are_read(tmp_path):
    folder = folder_of(tmp_path / "faces", {f"happy/{number}.png": IMAGES["small"] for number in range(130)})
    seen = []
    with reading_progress(lambda *numbers: seen.append(numbers)):
        read_faces(folder, cache=False, threads=1)
    read_faces(folder, cache=False)
    assert seen == [(64, 130), (128, 130), (130, 130)]


@pytest.mark.parametrize("threads", [1, 3])
def test_images_are_decoded_by_as_many_threads_as_requested(tmp_path, monkeypatch, threads):
    asked = []

    def watched(work, items, threads, name=""):
        asked.append(threads)
        return ahead(work, items, threads, name)

    monkeypatch.setattr(decoding, "ahead", watched)
    folder = folder_of(tmp_path / "faces", {"happy/1.png": IMAGES["small"]})
    read_faces(folder, cache=False, threads=threads)
    assert asked == [threads]
    with pytest.raises(MienError, match="threads: expected 1 or more"):
        read_faces(folder, threads=0)
