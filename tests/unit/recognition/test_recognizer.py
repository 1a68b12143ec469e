"""The Python interface: images of any kind, many at once, cropped faces, videos."""

import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from PIL import Image

from bundle_builders import gray_of, tiny_card, tiny_recognizer
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.errors import DetectorError, ImageError, MienError
from mien.labels import EMOTIONS
from mien.recognition.recognizer import Recognizer
from video_builders import SquareFinder, film, picture, walk

HAPPY, SAD = (10, 30, 40, gray_of("happy")), (100, 30, 40, gray_of("sad"))
BOTH = picture(SAD, HAPPY)


@pytest.fixture
def recognizer():
    return tiny_recognizer(SquareFinder())


def labels_of(faces):
    return [face.label for face in faces]


def test_any_kind_of_image_from_left_to_right(recognizer, tmp_path):
    path = tmp_path / "both.png"
    Image.fromarray(BOTH).save(path)
    for given in (path, str(path), path.read_bytes(), Image.fromarray(BOTH), BOTH):
        faces = recognizer(given)
        assert labels_of(faces) == ["happy", "sad"]
        assert [face.box for face in faces] == [Box(10, 30, 40, 40), Box(100, 30, 40, 40)]
    assert faces[0].classes == recognizer.classes == EMOTIONS
    assert faces[0].score == 0.9
    assert sum(faces[0].probabilities) == pytest.approx(1)


def test_bgr_and_gray_arrays(recognizer):
    seen = []
    recognizer.detector.detect = lambda image: seen.append(image) or []
    recognizer(cv2.cvtColor(BOTH, cv2.COLOR_RGB2BGR), bgr=True)
    recognizer(np.full((20, 30), 7, np.uint8))
    assert np.array_equal(seen[0], BOTH)
    assert np.array_equal(seen[1], np.full((20, 30, 3), 7))


def test_an_image_without_faces(recognizer):
    assert recognizer(picture()) == ()


def test_boxes_come_in_their_order_and_nothing_is_searched_for(recognizer):
    faces = recognizer(BOTH, boxes=[(105, 35, 30, 30), [15, 35, 30, 30]])
    assert labels_of(faces) == ["sad", "happy"]
    assert {face.score for face in faces} == {1.0}
    assert recognizer.detector.looks == 0
    assert recognizer(BOTH, boxes=[]) == ()


@pytest.mark.parametrize("boxes", [[(1, 2, 3)], [(0, 0, -5, 5)], [(0, 0, float("nan"), 5)]])
def test_an_invalid_box_is_refused(recognizer, boxes):
    with pytest.raises(DetectorError, match="box 1"):
        recognizer(BOTH, boxes=boxes)


def test_an_unreadable_image_is_an_error_that_names_it(recognizer, tmp_path):
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(ImageError, match=r"a\.jpg: not an image"):
        recognizer(tmp_path / "a.jpg")
    with pytest.raises(ImageError, match=r"gone\.jpg: there is no such file"):
        recognizer("gone.jpg")


def test_a_batch_of_all_kinds(recognizer, tmp_path):
    path = tmp_path / "both.png"
    Image.fromarray(BOTH).save(path)
    given = [path, str(path), path.read_bytes(), Image.fromarray(BOTH), BOTH, picture()]
    found = recognizer.batch(given)
    assert [labels_of(faces) for faces in found] == [["happy", "sad"]] * 5 + [[]]
    assert recognizer.batch(iter([])) == []
    assert found[:5] == [recognizer(one) for one in given[:5]]


def test_a_batch_may_be_a_generator_of_many(recognizer):
    found = recognizer.batch(picture(HAPPY) for _ in range(100))
    assert [labels_of(faces) for faces in found] == [["happy"]] * 100


@pytest.mark.parametrize(("bad", "message"), [("gone.jpg", "gone.jpg: there is"), (b"nonsense", "image 2: ")])
def test_a_batch_names_the_image_that_cannot_be_read(recognizer, bad, message):
    with pytest.raises(ImageError, match=message):
        recognizer.batch([BOTH, bad, BOTH])


@pytest.mark.parametrize("one", ["photo.jpg", b"content"])
def test_a_single_image_is_no_batch(recognizer, one):
    with pytest.raises(ImageError, match="call the recognizer itself"):
        recognizer.batch(one)


@pytest.mark.parametrize("thing", [None, 5, ["a.png"]])
def test_an_object_that_is_no_image_is_named_by_its_type(recognizer, thing):
    with pytest.raises(ImageError, match=f"^{type(thing).__name__}: not an image; expected"):
        recognizer(thing)
    with pytest.raises(ImageError, match=f"^image 2: {type(thing).__name__}: not an image; expected"):
        recognizer.batch([BOTH, thing])


@pytest.mark.parametrize("one", [None, 5, bytearray(b"x"), io.BytesIO(b"x\ny")])
def test_a_batch_is_of_several(recognizer, one):
    with pytest.raises(ImageError, match="batch takes a list of images"):
        recognizer.batch(one)


def test_open_files_are_images_too(recognizer, tmp_path):
    Image.fromarray(BOTH).save(tmp_path / "both.png")
    content = (tmp_path / "both.png").read_bytes()
    with (tmp_path / "both.png").open("rb") as stream:
        for faces in recognizer.batch([stream, io.BytesIO(content), bytearray(content), memoryview(content)]):
            assert labels_of(faces) == ["happy", "sad"]


@pytest.mark.parametrize(
    "box", [(5000, 30, 40, 40), (10, 5000, 40, 40), (-41, 30, 40, 40), (10, -41, 40, 40)]
)
def test_a_box_outside_of_the_image_is_refused(recognizer, box):
    height, width = BOTH.shape[:2]
    words = f"box 2 {re.escape(str(box))} is outside of the image, which has {width}x{height} pixels"
    with pytest.raises(ImageError, match=words):
        recognizer(BOTH, boxes=[(10, 30, 40, 40), box])
    assert recognizer(BOTH, boxes=[(-39, 30, 40, 40), (width - 1, height - 1, 40, 40)])


@pytest.mark.parametrize("size", [48, 100, 20])
def test_cropped_faces(recognizer, size):
    grays = np.array([gray_of(name) for name in EMOTIONS], np.uint8)
    faces = recognizer.classify(np.repeat(grays, size**2).reshape(-1, size, size))
    assert labels_of(faces) == list(EMOTIONS)
    assert {face.box for face in faces} == {Box(0, 0, size, size)}


def test_no_cropped_faces(recognizer):
    for size in (48, 30):
        assert recognizer.classify(np.empty((0, size, size), np.uint8)) == []


def test_invalid_arrays_of_faces_are_refused(recognizer):
    with pytest.raises(ImageError, match=r"expected faces as uint8.*, got uint8 \(48, 48\)"):
        recognizer.classify(np.zeros((48, 48), np.uint8))


def test_faces_of_a_bundle_of_another_side_and_other_classes():
    recognizer = tiny_recognizer(SquareFinder(), size=64, classes=("calm", "tense"))
    assert labels_of(recognizer.classify(np.full((1, 48, 48), 255, np.uint8))) == ["tense"]
    assert labels_of(recognizer(picture((10, 10, 30, 0)))) == ["calm"]


def test_a_video(recognizer, tmp_path):
    path = film(tmp_path / "walk.mp4", walk(10, gray=gray_of("fear")))
    results = list(recognizer.stream(path, every=2))
    assert [one.frame for one in results] == [0, 2, 4, 6, 8]
    assert {labels_of(one.faces)[0] for one in results} == {"fear"}
    assert {one.faces[0].track for one in results} == {1}
    assert {one.source for one in results} == {str(path)}
    assert next(recognizer.stream(str(path), keep_images=True)).image is not None


def test_options_of_a_video_are_checked_at_once(recognizer):
    with pytest.raises(MienError, match="expected 1 or more"):
        recognizer.stream("film.mp4", every=0)


def test_the_threshold_is_the_bundles_unless_given():
    metadata, engine, detector = tiny_card(), tiny_recognizer().engine, SquareFinder()
    assert Recognizer(metadata, engine, detector).threshold == 0.55
    assert Recognizer(metadata, engine, detector, threshold=0.0).threshold == 0.0
    assert Recognizer(tiny_card(confidence_threshold=None), engine, detector).threshold == 0.0


def test_faces_below_the_threshold_are_uncertain(recognizer):
    between = (gray_of("happy") + gray_of("sad")) // 2
    recognizer.threshold = 0.9
    sure, uncertain = recognizer(picture(HAPPY, (100, 30, 40, between)))
    assert (sure.uncertain, uncertain.uncertain) == (False, True)


def test_repr_names_bundle_engine_and_detector(recognizer):
    said = repr(recognizer)
    for part in ("'tiny'", "angry, disgust", "engine onnx", "detector squares", "uncertain below 0.55"):
        assert part in said


def test_threads_may_share_it(recognizer):
    pictures = [picture((20, 30, 40, gray_of(name))) for name in EMOTIONS] * 6
    together = threading.Barrier(4)

    def all_of_them(_):
        together.wait(timeout=10)
        return [labels_of(recognizer(one)) for one in pictures]

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(all_of_them, range(4)):
            assert found == [[name] for name in EMOTIONS] * 6


def test_crops_use_the_framing_of_the_detector_by_default(recognizer):
    found = [Detection(Box(15, 35, 30, 30), 1.0), Detection(Box(105, 35, 30, 30), 1.0)]
    tight = recognizer.crops(BOTH, found)
    wide = recognizer.crops(BOTH, found, Framing(scale=3.0))
    assert tight.shape == wide.shape == (2, 48, 48)
    assert np.array_equal(tight[0], np.full((48, 48), HAPPY[3]))
    assert np.ptp(wide[1]) > 30
    assert recognizer.crops(BOTH, []).shape == (0, 48, 48)


def test_recognize_returns_a_result_that_can_be_plotted(recognizer, tmp_path):
    Image.fromarray(BOTH).save(tmp_path / "both.png")
    result = recognizer.recognize(tmp_path / "both.png")
    assert (result.source, result.width, result.height) == (str(tmp_path / "both.png"), 160, 120)
    assert labels_of(result.faces) == ["happy", "sad"]
    assert result.faces == recognizer(tmp_path / "both.png")
    assert np.array_equal(result.image, BOTH)
    assert np.asarray(result.plot()).std() > 0
    assert recognizer.recognize(BOTH).source == "image"


def test_the_image_of_a_result_may_be_left_out(recognizer):
    assert recognizer.recognize(BOTH, keep_image=False).image is None


def test_boxes_of_a_result_are_in_their_order(recognizer):
    result = recognizer.recognize(BOTH, boxes=[(105, 35, 30, 30), (15, 35, 30, 30)])
    assert labels_of(result.faces) == ["sad", "happy"]


@pytest.mark.parametrize("call", ["recognize", "batch", "classify"])
def test_opencv_is_limited_during_calls_only(monkeypatch, call):
    limits = []
    monkeypatch.setattr("cv2.setNumThreads", limits.append)
    monkeypatch.setattr("cv2.getNumThreads", lambda: 8)
    recognizer = tiny_recognizer()
    faces = np.zeros((1, 20, 20, 3), np.uint8)
    argument = faces[0] if call == "recognize" else faces if call == "classify" else list(faces)
    getattr(recognizer, call)(argument)
    assert limits == []
    recognizer.components.threads = 1
    getattr(recognizer, call)(argument)
    assert limits == [1, 8]
