"""Order, batches, failures, bounds and the end of the pipeline, on images with squares for faces."""

import gc
import os
import threading
import weakref

import cv2
import numpy as np
import pytest

from bundle_builders import gray_of, tiny_recognizer
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.provided.boxes import ProvidedBoxes, detections_of
from mien.labels import EMOTIONS
from mien.recognition import detect_and_crop, pipeline
from mien.recognition.face import Result
from mien.recognition.pipeline import recognize_images
from mien.recognition.sharding.shard import Shard
from mien.recognition.sources.items import FaceRows, Failure, ImageItem
from video_builders import SquareFinder, picture


def square(label, left=20):
    return (left, 30, 40, gray_of(label))


def items_of(*labels):
    return [ImageItem(f"{number}.png", picture(square(label))) for number, label in enumerate(labels)]


def labels_of(outcome):
    return [face.label for face in outcome.faces]


@pytest.fixture
def recognizer():
    return tiny_recognizer(SquareFinder())


class Counting:
    """An engine that counts its calls and the faces of each."""

    name = "counting"

    def __init__(self, engine):
        self._engine, self.calls = engine, []

    def __call__(self, faces):
        self.calls.append(len(faces))
        return self._engine(faces)


def test_results_come_in_the_order_of_the_items(recognizer):
    labels = EMOTIONS * 20
    found = list(recognize_images(recognizer.components, items_of(*labels), workers=4))
    assert [one.source for one in found] == [f"{number}.png" for number in range(len(labels))]
    assert [labels_of(one) for one in found] == [[label] for label in labels]
    assert {(one.width, one.height, one.frame, one.time) for one in found} == {(160, 120, None, None)}


def test_no_items_give_no_results(recognizer):
    assert list(recognize_images(recognizer.components, [])) == []


def test_several_faces_and_none(recognizer):
    items = [
        ImageItem("none", picture()),
        ImageItem("two", picture(square("sad", left=100), square("happy", left=10))),
        ImageItem("none again", picture()),
    ]
    found = list(recognize_images(recognizer.components, items))
    assert [labels_of(one) for one in found] == [[], ["happy", "sad"], []]
    assert found[1].faces[0].box == Box(10, 30, 40, 40)


def test_unreadable_items_are_failures_in_their_place(recognizer, tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    good = items_of("happy", "sad")
    items = [
        good[0],
        ImageItem(str(tmp_path / "text.jpg"), tmp_path / "text.jpg"),
        ImageItem("missing.png", "missing.png"),
        ImageItem("bytes", b"\x89PNG\r\n\x1a\n cut off"),
        Failure("folder", "folder: can't be read"),
        good[1],
    ]
    found = list(recognize_images(recognizer.components, items))
    assert [type(one) for one in found] == [Result, Failure, Failure, Failure, Failure, Result]
    for failure in found[1:5]:
        assert failure.message.startswith(f"{failure.source}: ")
    assert found[4] is items[4]
    assert labels_of(found[5]) == ["sad"]


def test_faces_of_several_images_are_classified_in_one_batch(recognizer, monkeypatch):
    monkeypatch.setattr(pipeline, "MAX_WAIT", 60.0)
    recognizer.components.classifier.engine = Counting(recognizer.engine)
    found = list(recognize_images(recognizer.components, items_of(*EMOTIONS * 20)))
    assert len(found) == sum(recognizer.engine.calls) == 140
    assert max(recognizer.engine.calls) == 64
    assert len(recognizer.engine.calls) <= 5


def test_batches_are_filled_up_to_the_multiple_of_the_engine(recognizer, monkeypatch):
    monkeypatch.setattr(pipeline, "MAX_WAIT", 60.0)
    recognizer.components.classifier.engine = Counting(recognizer.engine)
    recognizer.engine.multiple = 8
    found = list(recognize_images(recognizer.components, items_of(*EMOTIONS * 20)))
    assert [one.faces[0].label for one in found] == [*EMOTIONS * 20]
    assert (len(found), sum(recognizer.engine.calls)) == (140, 144)


def test_a_shard_of_images_and_rows(recognizer):
    items = [*items_of(*EMOTIONS), rows_of(9), Failure("gone", "gone: no such file")]
    whole = [one.source for one in recognize_images(recognizer.components, items)]
    parts = [
        [one.source for one in recognize_images(recognizer.components, items, shard=Shard(number, 2))]
        for number in (1, 2)
    ]
    assert all(parts)
    assert sorted(parts[0] + parts[1]) == sorted(whole)


def test_a_batch_waits_for_a_limited_time(recognizer, monkeypatch):
    monkeypatch.setattr(pipeline, "MAX_WAIT", -1.0)
    recognizer.components.classifier.engine = Counting(recognizer.engine)
    assert len(list(recognize_images(recognizer.components, items_of(*EMOTIONS)))) == 7
    assert max(recognizer.engine.calls) == 1


def test_images_are_kept_only_if_requested(recognizer):
    (item,) = items_of("fear")
    (plain,) = recognize_images(recognizer.components, [item])
    (kept,) = recognize_images(recognizer.components, [item], keep_images=True)
    assert plain.image is None
    assert np.array_equal(kept.image, item.content)


def test_bgr_arrays(recognizer):
    image = picture(square("sad"))
    item = ImageItem("bgr", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), bgr=True)
    (found,) = recognize_images(recognizer.components, [item], keep_images=True)
    assert np.array_equal(found.image, image)


class EvaluationData:
    framing = Framing()

    def of(self, source):
        return [Detection(Box(20, 30, 40, 40), 1.0)] if source == "0.png" else None


def test_provided_boxes_replace_the_detector(recognizer):
    items = [
        ImageItem("0.png", picture(square("angry"), square("sad", left=100))),
        *items_of("fear", "happy")[1:],
    ]
    found = list(recognize_images(recognizer.components, items, boxes=EvaluationData()))
    assert [labels_of(one) for one in found] == [["angry"], ["happy"]]
    assert recognizer.detector.looks == 1


def rows_of(n, size=48):
    grays = np.array([gray_of(EMOTIONS[number % 7]) for number in range(n)], np.uint8)
    faces = np.broadcast_to(grays[:, None, None], (n, size, size))
    return FaceRows([f"table#{number}" for number in range(n)], faces)


@pytest.mark.parametrize("size", [48, 64, 20])
def test_rows_are_whole_faces_of_any_size(recognizer, size):
    recognizer.components.classifier.engine = Counting(recognizer.engine)
    found = list(recognize_images(recognizer.components, [rows_of(600, size)]))
    assert [one.source for one in found] == [f"table#{number}" for number in range(600)]
    assert [labels_of(one)[0] for one in found] == [EMOTIONS[number % 7] for number in range(600)]
    assert {face.box for one in found for face in one.faces} == {Box(0, 0, size, size)}
    assert recognizer.detector.looks == 0
    assert len(recognizer.engine.calls) <= 4


def test_rows_and_images_keep_their_order(recognizer):
    items = [
        *items_of("sad"),
        rows_of(3),
        FaceRows([], np.empty((0, 48, 48), np.uint8)),
        *items_of("sad", "happy"),
    ]
    found = [one.source for one in recognize_images(recognizer.components, items)]
    assert found == ["0.png", "table#0", "table#1", "table#2", "0.png", "1.png"]


def test_images_of_rows_are_kept_in_color(recognizer):
    (found, _) = recognize_images(recognizer.components, [rows_of(2)], keep_images=True)
    assert found.image.shape == (48, 48, 3)
    assert found.image[0, 0].tolist() == [gray_of("angry")] * 3


@pytest.fixture
def alive(monkeypatch):
    """Let three small images per thread be ahead; return how many were in memory at each read."""
    counts, references, lock = [], [], threading.Lock()
    read = detect_and_crop.read_decoded

    def reading(content, **options):
        image = read(content, **options)
        with lock:
            references.append(weakref.ref(image.pixels))
            counts.append(sum(one() is not None for one in references))
        return image

    monkeypatch.setattr(detect_and_crop, "read_decoded", reading)
    monkeypatch.setattr(pipeline, "MAX_PIXELS", 3 * 160 * 120)
    return counts


@pytest.mark.parametrize("keep_images", [False, True])
def test_memory_is_bounded_by_pixels_whatever_the_number_of_images(recognizer, alive, keep_images):
    content = [cv2.imencode(".png", picture(square(label)))[1].tobytes() for label in EMOTIONS]
    items = (ImageItem(str(number), content[number % 7]) for number in range(100))
    found = 0
    for outcome in recognize_images(recognizer.components, items, workers=2, keep_images=keep_images):
        assert labels_of(outcome) == [EMOTIONS[found % 7]]
        found += 1
    assert found == len(alive) == 100
    # Two threads may have three each ahead; those of the current batch are alive, too.
    assert max(alive) <= (2 * 6 + 3 if keep_images else 6 + 3)


def test_memory_does_not_grow_with_the_number_of_threads(recognizer, alive, monkeypatch):
    monkeypatch.setattr(pipeline, "MAX_AHEAD", 3 * 160 * 120)
    list(recognize_images(recognizer.components, items_of(*EMOTIONS * 5), workers=16))
    assert max(alive) <= 2 * 3 + 3


def test_an_image_larger_than_the_bound_is_read_alone(recognizer, monkeypatch):
    monkeypatch.setattr(pipeline, "MAX_PIXELS", 10)
    found = list(recognize_images(recognizer.components, items_of(*EMOTIONS), workers=2))
    assert [labels_of(one)[0] for one in found] == list(EMOTIONS)


def test_items_are_taken_only_a_little_ahead(recognizer):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield ImageItem("again", picture(square("sad")))

    outcomes = recognize_images(recognizer.components, endless(), workers=2)
    for _ in range(5):
        next(outcomes)
    outcomes.close()
    assert len(taken) <= pipeline.MAX_TASKS + pipeline.MIN_BATCH + 1


def test_a_single_thread_rests_while_the_network_runs(recognizer):
    detector, engine = recognizer.detector, recognizer.engine
    looks = []

    class Watching(Counting):
        def __call__(self, faces):
            looks.append(detector.looks)
            return super().__call__(faces)

    recognizer.components.classifier.engine = Watching(engine)
    list(recognize_images(recognizer.components, items_of(*EMOTIONS * 20), workers=1))
    calls = recognizer.engine.calls
    assert looks == [sum(calls[: number + 1]) for number in range(len(calls))]
    assert sum(calls) == 140


def test_no_threads_are_left_behind(recognizer):
    outcomes = recognize_images(recognizer.components, items_of(*EMOTIONS * 20), workers=3)
    next(outcomes)
    outcomes.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("detect")]


def test_results_do_not_wait_for_an_image_that_takes_long(recognizer, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "MAX_WAIT", 0.01)
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    items = [*items_of("happy"), ImageItem(str(pipe), str(pipe)), *items_of("sad")]
    outcomes = recognize_images(recognizer.components, items, workers=1)
    assert next(outcomes).source == "0.png"
    pipe.write_bytes(items[0].content)
    assert [outcome.source for outcome in outcomes] == [str(pipe), "0.png"]


def test_a_bug_in_a_detector_is_not_a_failure_of_the_image(recognizer):
    def broken(image):
        raise TypeError("a defect")

    recognizer.detector.detect = broken
    with pytest.raises(TypeError, match="a defect"):
        list(recognize_images(recognizer.components, items_of("sad", "happy")))


def test_images_are_freed_after_their_results(recognizer):
    content = cv2.imencode(".png", picture(square("sad")))[1].tobytes()
    outcomes = recognize_images(recognizer.components, [ImageItem("a", content)] * 4, keep_images=True)
    kept = [weakref.ref(outcome.image) for outcome in outcomes]
    gc.collect()
    assert [one() for one in kept] == [None] * 4


def test_boxes_outside_of_an_image_and_boxes_of_a_damaged_one_are_a_failure(recognizer):
    boxes = ProvidedBoxes(
        {"far.png": detections_of([(5000, 30, 40, 40)]), "bad.png": detections_of([(1, 1, 9, 9)])}
    )
    items = [ImageItem("far.png", picture(square("sad"))), ImageItem("bad.png", b"bad"), *items_of("happy")]
    far, bad, good = recognize_images(recognizer.components, items, boxes=boxes)
    assert far.message.startswith("far.png: box 1 (5000, 30, 40, 40) is outside")
    assert isinstance(bad, Failure)
    assert labels_of(good) == ["happy"]
    assert (boxes.unused, boxes.unknown) == ([], 1)
