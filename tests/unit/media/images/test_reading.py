import io
import os
import struct
import threading
import warnings
from contextlib import suppress

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from builders import png_bomb
from mien.errors import ImageError
from mien.limits import MAX_STREAM_BYTES
from mien.media.images.reading import IMAGE_SUFFIXES, encoded_image, read_image

RED, GREEN, BLUE, WHITE = (200, 30, 40), (20, 180, 60), (30, 50, 220), (255, 255, 255)


def quadrants(size=32):
    """Red, green over blue, white: no turn or mirroring of it is itself."""
    image = np.zeros((size, size, 3), np.uint8)
    half = size // 2
    image[:half, :half], image[:half, half:] = RED, GREEN
    image[half:, :half], image[half:, half:] = BLUE, WHITE
    return image


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def near(got, expected, by=10):
    assert got.dtype == np.uint8
    assert got.flags.c_contiguous
    assert got.shape == np.shape(expected)
    assert np.abs(got.astype(int) - expected).mean() < by
    return True


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF", "JPEG2000", "MPO"]
)
def test_the_usual_kinds_are_read(kind):
    assert near(read_image(encoded(Image.fromarray(quadrants()), kind)), quadrants())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_undone(kind, orientation):
    undo = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    stored = turned(quadrants()[:, :24], undo.get(orientation, 1))
    exif = Image.Exif()
    exif[274] = orientation
    content = encoded(Image.fromarray(stored), kind, exif=exif)
    assert near(read_image(content), quadrants()[:, :24])


def turned(pixels, orientation):
    method = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE"}
    method |= {6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.transpose(Image.Transpose[method[orientation]]) if orientation > 1 else image)


@pytest.mark.parametrize(
    "mode", ["L", "LA", "P", "PA", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "RGBX", "1", "I;16", "I", "F"]
)
def test_pillow_images_of_any_mode_are_read(mode):
    gray = Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 2, axis=0))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(np.asarray(gray).astype(np.int32) * 257)
    elif mode == "F":
        image = Image.fromarray((np.asarray(gray) / 255).astype(np.float32))
    elif mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(gray.convert("RGB"), *profiles, outputMode="LAB")
    else:
        image = (
            gray.convert("RGB").convert(mode)
            if mode in {"YCbCr", "HSV", "CMYK", "P", "RGBX"}
            else gray.convert(mode)
        )
    assert near(read_image(image), np.asarray(gray.convert("RGB")), by=4)


def test_cmyk_jpegs_are_not_inverted():
    content = encoded(Image.fromarray(quadrants()).convert("CMYK"), "JPEG")
    assert near(read_image(content), quadrants())


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_is_on_white(kind):
    pixels = np.dstack([quadrants(), np.full((32, 32), 255, np.uint8)])
    pixels[:16, :, 3] = 0
    pixels[16:, :16, 3] = 128
    expected = quadrants()
    expected[:16] = 255
    expected[16:, :16] = np.rint(np.array(BLUE) * 128 / 255 + 127)
    assert near(read_image(encoded(Image.fromarray(pixels), kind)), expected, by=3)


def test_transparent_colors_of_palettes_and_grays_are_white():
    palette = Image.fromarray(quadrants()).convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    clear = palette.getpixel((0, 0))
    expected = quadrants()
    expected[:16, :16] = 255
    for content in (encoded(palette, "PNG", transparency=clear), encoded(palette, "GIF", transparency=clear)):
        assert near(read_image(content), expected, by=2)
    gray = Image.fromarray(np.array([[0, 100]], np.uint8))
    assert read_image(encoded(gray, "PNG", transparency=0))[0, :, 0].tolist() == [255, 100]
    deep = Image.fromarray(np.array([[0, 25700]], np.uint16))
    assert read_image(encoded(deep, "PNG", transparency=0))[0, :, 0].tolist() == [255, 100]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_16_bits_are_scaled(kind):
    levels = np.array([[0, 257, 25700, 65535]], np.uint16)
    assert read_image(encoded(Image.fromarray(levels), kind))[0, :, 1].tolist() == [0, 1, 100, 255]


def test_16_bits_of_color_are_scaled(tmp_path):
    deep = np.array([[[0, 25700, 65535]]], np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), deep[:, :, ::-1])
    assert read_image(tmp_path / "a.png").tolist() == [[[0, 100, 255]]]


def test_what_is_no_16_bits_is_refused():
    with pytest.raises(ImageError, match="pixels of type int32"):
        read_image(Image.fromarray(np.array([[0, 70000]], np.int32)))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_the_first_frame_of_an_animation_is_read(kind):
    frames = [Image.fromarray(quadrants()), Image.fromarray(255 - quadrants())]
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    assert near(read_image(content), quadrants())


def test_a_pillow_image_stays_as_it_is():
    image = Image.fromarray(quadrants())
    image.getexif()[274] = 6
    assert near(read_image(image), np.asarray(image.transpose(Image.Transpose.ROTATE_270)))
    assert image.getexif()[274] == 6


def test_paths_are_read_whatever_they_are_called(tmp_path):
    content = encoded(Image.fromarray(quadrants()), "PNG")
    for name in ("a.png", "no suffix", "wrong.jpg", os.fsdecode(b"\xff.png")):
        (tmp_path / name).write_bytes(content)
        assert np.array_equal(read_image(tmp_path / name), quadrants())
        assert np.array_equal(read_image(str(tmp_path / name)), quadrants())


def test_a_pipe_is_read(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = encoded(Image.fromarray(quadrants()), "PNG")
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    assert np.array_equal(read_image(path), quadrants())
    writer.join()


def test_an_endless_pipe_is_refused(tmp_path, monkeypatch):
    assert MAX_STREAM_BYTES > 1 << 20
    monkeypatch.setattr("mien.media.images.reading.MAX_STREAM_BYTES", 1000)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"\xff\xd8" * 1000,))
    writer.start()
    with pytest.raises(ImageError, match="more than 0 MB"):
        read_image(path)
    writer.join()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"hello", "not an image that can be read"),
        (b"\0\0\0\x18ftypheic", "convert it to JPEG"),
        (b"<svg xmlns=", "PNG"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n%%EndComments\n",
            "not an image that can be read",
        ),
    ],
)
def test_what_is_no_picture_is_told_by_its_path(tmp_path, content, words):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=words) as caught:
        read_image(tmp_path / "a.jpg")
    assert str(caught.value).startswith(f"{tmp_path / 'a.jpg'}: ")
    with pytest.raises(ImageError, match=f"the given bytes: .*{words}"):
        read_image(content)


@pytest.mark.parametrize(
    ("path", "words"),
    [("", "a folder"), ("missing.jpg", "no such file"), ("a\0.jpg", "null"), ("x" * 300, "too long")],
)
def test_what_is_no_file_is_refused(tmp_path, path, words):
    with pytest.raises(ImageError, match=words):
        read_image(tmp_path / path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "a.jpg").chmod(0)
    with pytest.raises(ImageError, match="denied"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "JPEG2000", "PPM"])
def test_cut_off_and_damaged_pictures_are_refused_or_read_without_a_word(kind, capfd):
    rng = np.random.default_rng(0)
    content = encoded(Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)), kind)
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(ImageError):
            read_image(content[: int(len(content) * share)])
    for _ in range(20):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 5):
            damaged[place] = rng.integers(0, 256)
        with suppress(ImageError):
            read_image(bytes(damaged))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("size", [8001, 10_000, 20_000, 60_000])
def test_too_many_pixels_are_refused_before_they_are_decoded(size):
    with pytest.raises(ImageError, match=r"pixels.*megapixels.*scale it down"):
        read_image(png_bomb(size, size))


def test_odd_metadata_is_no_warning_and_no_obstacle():
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 274, 3, 1, 6)
    content = encoded(Image.fromarray(quadrants()), "JPEG", exif=exif)
    assert near(read_image(content), np.rot90(quadrants(), -1))


def test_many_threads_read_and_leave_the_filters_as_they_were():
    exif = b"Exif\0\0garbage"
    content = encoded(Image.fromarray(quadrants()), "JPEG", exif=exif)
    before = list(warnings.filters)
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.extend(read_image(content) for _ in range(20))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 80
    assert all(near(one, quadrants()) for one in seen)
    assert list(warnings.filters) == before


def test_suffixes_are_what_folders_hold():
    assert {".jpg", ".jpeg", ".png", ".webp", ".heic"} <= IMAGE_SUFFIXES
    assert not {".csv", ".mp4", ".txt", ".svg", ""} & IMAGE_SUFFIXES


@pytest.mark.parametrize("dtype", [np.uint16, np.int32])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_white_of_a_tiff_is_that_of_the_depth_its_numbers_show(dtype, bits):
    white = (1 << bits) - 1
    levels = np.array([[0, white // 2, white]], dtype)
    content = encoded(Image.fromarray(levels), "TIFF")
    assert read_image(content)[0, :, 0].tolist() == [0, 127, 255]


def test_a_dark_png_stays_dark():
    levels = np.array([[0, 257, 10 * 257]], np.uint16)
    assert read_image(encoded(Image.fromarray(levels), "PNG"))[0, :, 0].tolist() == [0, 1, 10]
    assert not read_image(encoded(Image.fromarray(levels * 0), "TIFF")).any()


@pytest.mark.parametrize("kind", [bytearray, memoryview, io.BytesIO])
def test_bytes_of_any_kind_are_read(kind):
    content = encoded(Image.fromarray(quadrants()), "PNG")
    assert np.array_equal(read_image(kind(content)), quadrants())


def test_an_open_file_is_read_from_its_start(tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(quadrants()).save(buffer, "PNG")
    assert np.array_equal(read_image(buffer), quadrants())
    (tmp_path / "a.png").write_bytes(buffer.getvalue())
    with (tmp_path / "a.png").open("rb") as stream:
        assert np.array_equal(read_image(stream), quadrants())
    with pytest.raises(ImageError, match=r"the given file: can't be read .*closed"):
        read_image(stream)


@pytest.mark.parametrize("thing", [None, 5, ["a.png"], object(), io.StringIO("a.png"), {}])
def test_what_is_nothing_to_read_from_is_told_by_its_type(thing):
    with pytest.raises(ImageError, match=f"^{type(thing).__name__}: not an image; expected a path"):
        read_image(thing)


def test_a_closed_pillow_image_is_refused(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        pass
    with pytest.raises(ImageError, match=r"the image: a closed or damaged image \("):
        read_image(image)
    decoded = Image.open(tmp_path / "a.png")
    decoded.load()
    decoded.close()
    with pytest.raises(ImageError, match="the image: a closed or damaged image"):
        read_image(decoded)


@pytest.mark.parametrize("at", [41, 60, 200])
def test_a_damaged_image_that_pillow_has_opened_is_refused(at):
    """Pillow raises SyntaxError, ValueError or OSError for a damaged PNG when it decodes it."""
    content = bytearray(encoded(Image.effect_noise((16, 16), 50), "png"))
    content[at] ^= 0x40
    with pytest.raises(ImageError, match="the image: "):
        read_image(Image.open(io.BytesIO(content)))


def test_pixels_are_encoded_without_loss_and_files_are_left_as_they_are(tmp_path):
    for pixels in (quadrants(), quadrants()[:, :, 0], quadrants()[:, :, :1]):
        content = encoded_image(pixels)
        assert content.startswith(b"\x89PNG")
        assert np.array_equal(read_image(content), read_image(pixels))
    assert np.array_equal(read_image(encoded_image(quadrants(), bgr=True)), quadrants()[:, :, ::-1])
    assert np.array_equal(read_image(encoded_image(Image.fromarray(quadrants()))), quadrants())
    assert encoded_image(quadrants(), lossy=True).startswith(b"\xff\xd8")
    (tmp_path / "any").write_bytes(b"any bytes")
    for source in (tmp_path / "any", b"any bytes", bytearray(b"any bytes"), io.BytesIO(b"any bytes")):
        assert encoded_image(source) == b"any bytes"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/no/such/file", "^/no/such/file: there is no such file"),
        ("/", "^/: a folder"),
        (5, "^int: not an image"),
        (np.zeros((2, 2, 7)), "^the array: "),
    ],
)
def test_what_can_not_be_encoded_is_one_line(source, message):
    with pytest.raises(ImageError, match=message):
        encoded_image(source)
