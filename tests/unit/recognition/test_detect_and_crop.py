"""One image: reduced decoding where it doesn't matter, and truncated files."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

import mien
from bundle_builders import tiny_recognizer
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.selection import Selection
from mien.errors import ImageError
from mien.media.images.decoding import DecodeOptions
from mien.media.images.reading import read_decoded, read_image
from mien.recognition import detect_and_crop as module
from mien.recognition.sources.items import ImageItem
from picture_builders import scene

SIZE = (800, 600)


class Relative:
    """Finds a face at the same part of each image, and searches no more than 130 pixels of it."""

    name, framing, longest = "relative", Framing(), 130

    def __init__(self, left, top, side):
        self.place, self.shapes = (left, top, side), []

    def detect(self, image):
        height, width = image.shape[:2]
        left, top, side = self.place
        self.shapes.append((width, height))
        return [Detection(Box(left * width, top * height, side * width, side * width), 0.9)]


@pytest.fixture
def decodes(monkeypatch):
    """The sides that were requested of the decoder."""
    sides, read = [], module.read_decoded

    def reading(content, *, bgr, options):
        sides.append(options.side)
        return read(content, bgr=bgr, options=options)

    monkeypatch.setattr(module, "read_decoded", reading)
    return sides


def jpeg(image=None, size=SIZE, **options):
    stream = io.BytesIO()
    Image.fromarray(scene([("happy", 100, 100, 400)], size) if image is None else image).save(
        stream, "JPEG", **options
    )
    return stream.getvalue()


def found(detector, content, **options):
    recognizer = tiny_recognizer(detector, **options)
    return module.detect_and_crop(recognizer.components, ImageItem("image", content))


def test_a_large_face_is_cropped_from_the_reduced_image(decodes):
    detector, content = Relative(0.1, 0.1, 0.6), jpeg()
    image, crops = found(detector, content)
    assert (decodes, detector.shapes) == ([195], [(200, 150)])
    assert (image.width, image.height) == SIZE
    assert image.detections[0].box == pytest.approx(Box(80, 60, 480, 480))
    _, expected = found(Relative(0.1, 0.1, 0.6), read_image(content))
    assert np.abs(crops.astype(int) - expected).mean() < 1.5


def test_a_small_face_is_cropped_from_the_whole_image(decodes):
    content = jpeg()
    detector = Relative(0.1, 0.1, 0.4)
    image, crops = found(detector, content)  # 80 pixels, less than twice 48
    assert (decodes, detector.shapes) == ([195, None], [(200, 150), SIZE])
    whole, expected = found(Relative(0.1, 0.1, 0.4), read_image(content))
    assert image.detections == whole.detections
    assert (crops == expected).all()


def test_the_smallest_requested_face_is_in_pixels_of_the_whole_image():
    detector, content = Relative(0.1, 0.1, 0.6), jpeg()
    for side, number in ((479, 1), (481, 0)):
        recognizer = tiny_recognizer(detector)
        recognizer.components.detector.selection = Selection(min_face=side)
        assert len(recognizer(content)) == number


@pytest.mark.parametrize("kind", ["keeps the image", "boxes", "another detector", "array", "open file"])
def test_what_needs_the_whole_image_is_not_reduced(kind, decodes):
    detector, content = Relative(0.1, 0.1, 0.6), jpeg()
    if kind == "another detector":
        detector.longest = None
    given = {"array": read_image(content), "open file": io.BytesIO(content)}.get(kind, content)
    boxes = [(0, 0, 300, 300)] if kind == "boxes" else None
    tiny_recognizer(detector).recognize(given, boxes=boxes, keep_image=kind == "keeps the image")
    assert decodes == [None]


def test_a_reduced_photograph_has_the_same_face():
    content = jpeg(scene([("surprise", 1000, 300, 1500)], (3840, 2160)), quality=90)
    recognizer = mien.load(detector="mtcnn", threads=1)
    assert read_decoded(content, options=DecodeOptions(side=1920)).pixels.shape == (1080, 1920, 3)
    (reduced,), (whole,) = recognizer(content), recognizer(read_image(content))
    assert reduced.label == whole.label
    np.testing.assert_allclose(reduced.box, whole.box, atol=0.05 * whole.box.width)
    np.testing.assert_allclose(reduced.probabilities, whole.probabilities, atol=0.1)


def test_faces_of_a_truncated_image_are_uncertain():
    content = jpeg()[:-200]
    detector = Relative(0.1, 0.1, 0.6)
    with pytest.raises(ImageError, match="pass tolerate_truncated=True"):
        tiny_recognizer(detector)(content)
    recognizer = tiny_recognizer(detector)
    recognizer.components.tolerate_truncated = True
    result = recognizer.recognize(content)
    assert (result.truncated, result.to_dict()["truncated"]) == (True, True)
    assert [face.uncertain_reason for face in result.faces] == ["truncated image"]
    whole = recognizer.recognize(jpeg())
    assert (whole.truncated, whole.faces[0].uncertain_reason) == (False, None)
    assert cv2.absdiff(result.image[:300], whole.image[:300]).mean() < 3
