"""Gray and color inputs of a bundle, and the faces that its probabilities become."""

import cv2
import numpy as np
import pytest

from bundle_builders import tiny_card
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.selection import SelectingDetector
from mien.recognition.components import Classifier, Components
from mien.recognition.detect_and_crop import detect_and_crop
from mien.recognition.engines.base import EngineOutput
from mien.recognition.pipeline import recognize_images
from mien.recognition.recognizer import Recognizer
from mien.recognition.sources.items import FaceRows, ImageItem
from video_builders import SquareFinder, picture

CLASSES = ("dark", "red", "green", "blue")


class ColorEngine:
    """Labels a face by its strongest channel; a gray one is dark."""

    name = "color"

    def __init__(self):
        self.shapes = []

    def __call__(self, faces):
        self.shapes.append(faces.shape)
        means = faces.reshape(len(faces), -1, faces.shape[3] if faces.ndim == 4 else 1).mean(axis=1)
        logits = np.zeros((len(faces), 4), np.float32)
        if faces.ndim == 4:
            logits[:, 1:] = (means - means.min(axis=1, keepdims=True)) / 10
        logits[:, 0] = 1
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return EngineOutput(exponents / exponents.sum(axis=1, keepdims=True), logits)


def metadata(channels, size=24):
    return tiny_card(size=size, channels=channels, classes=CLASSES, confidence_threshold=None)


def classifier(channels, size=24):
    return Classifier(metadata(channels, size), ColorEngine(), 0.5)


@pytest.fixture
def recognizer():
    return Recognizer(metadata(3), ColorEngine(), SquareFinder())


def colored(color, size=(160, 120)):
    image = np.zeros((size[1], size[0], 3), np.uint8)
    image[:] = color
    return image


WHOLE = [Detection(Box(10.0, 10.0, 60.0, 60.0), 1.0)]


def test_a_color_bundle_gets_rgb_crops(recognizer):
    image = colored((200, 10, 30))
    crops = recognizer.crops(image, WHOLE)
    assert crops.shape == (1, 24, 24, 3)
    assert (crops == image[0, 0]).all()
    assert recognizer.crops(image, []).shape == (0, 24, 24, 3)


def test_a_gray_bundle_gets_the_gray_levels_of_opencv():
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    components = Components(SelectingDetector(SquareFinder()), classifier(1))
    crops = components.crops(image, [Detection(Box(0.0, 0.0, 24.0, 24.0), 1.0)], Framing())
    assert np.array_equal(crops[0], cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


@pytest.mark.parametrize(
    ("color", "label"), [((200, 0, 0), "red"), ((0, 200, 0), "green"), ((0, 0, 200), "blue")]
)
def test_colors_reach_the_engine_in_rgb_order_from_every_entry(recognizer, color, label):
    image = colored(color)
    boxes = [(10, 10, 60, 60)]
    assert recognizer(image, boxes=boxes)[0].label == label
    assert recognizer(image[..., ::-1], boxes=boxes, bgr=True)[0].label == label
    assert recognizer.classify(np.stack([image[:48, :48]]))[0].label == label
    rows = FaceRows(["a"], np.stack([image[:48, :48]]))
    (result,) = recognize_images(recognizer.components, [rows], keep_images=True)
    assert result.faces[0].label == label
    assert np.array_equal(result.image, image[:48, :48])


def test_gray_images_and_faces_become_rgb_for_a_color_bundle(recognizer):
    assert recognizer(picture((10, 20, 40, 100)))[0].label == "dark"
    assert recognizer.classify(np.full((2, 24, 24), 90, np.uint8))[1].label == "dark"
    assert {shape[1:] for shape in recognizer.engine.shapes} == {(24, 24, 3)}


@pytest.mark.parametrize(
    ("channels", "faces", "expected"),
    [
        (1, (2, 24, 24), (2, 24, 24)),
        (1, (2, 48, 30, 3), (2, 24, 24)),
        (1, (0, 48, 48), (0, 24, 24)),
        (3, (2, 24, 24, 3), (2, 24, 24, 3)),
        (3, (2, 50, 50), (2, 24, 24, 3)),
        (3, (0, 50, 50, 3), (0, 24, 24, 3)),
    ],
)
def test_faces_of_any_size_and_color_become_inputs(channels, faces, expected):
    assert classifier(channels).inputs(np.zeros(faces, np.uint8)).shape == expected


def test_inputs_that_fit_are_not_copied():
    faces = np.zeros((3, 24, 24), np.uint8)
    assert classifier(1).inputs(faces) is faces


def test_faces_carry_tracks_and_the_threshold():
    made = classifier(1).faces(WHOLE * 2, np.array([[0.4, 0.3, 0.2, 0.1], [0.9, 0.1, 0, 0]]), [7, 8])
    assert [(face.label, face.uncertain, face.track) for face in made] == [
        ("dark", True, 7),
        ("dark", False, 8),
    ]


def test_an_image_is_kept_only_if_requested(recognizer):
    item = ImageItem("a", picture((10, 20, 40, 100)))
    assert detect_and_crop(recognizer.components, item)[0].image is None
    kept, crops = detect_and_crop(recognizer.components, item, keep_image=True)
    assert kept.image.shape == (120, 160, 3)
    assert len(crops) == len(kept.detections) == 1
