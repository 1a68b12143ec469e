import threading
import weakref
from contextlib import closing
from itertools import islice

import numpy as np
import pytest

from bundle_builders import gray_of, tiny_recognizer
from mien.detection.base import Framing
from mien.detection.provided.boxes import ProvidedBoxes, frame_boxes
from mien.errors import DetectorError, ImageError, MienError
from mien.labels import EMOTIONS
from mien.media.video.source import Frame
from mien.recognition import video
from mien.recognition.video import VideoOptions, recognize_frames, recognize_video
from video_builders import SquareFinder, film, picture, walk

RAW = VideoOptions(smooth=0.0)


@pytest.fixture
def finder():
    return SquareFinder()


@pytest.fixture
def recognizer(finder):
    return tiny_recognizer(finder)


def frames_of(pictures, fps=25.0):
    """Frames that never were in a file."""
    return (Frame(at, at / fps, image) for at, image in enumerate(pictures))


def watched(recognizer, pictures, options=RAW, **more):
    return list(recognize_frames(recognizer.components, frames_of(pictures), "a.mp4", options, **more))


def tracks(results):
    return [[face.track for face in result.faces] for result in results]


def test_a_file_becomes_a_result_a_frame(tmp_path, recognizer):
    path = film(tmp_path / "a.mp4", walk(10, gray=gray_of("happy")))
    results = list(recognize_video(recognizer.components, path, notice=print))
    assert [result.frame for result in results] == list(range(10))
    assert [result.time for result in results] == pytest.approx([at / 25 for at in range(10)])
    assert {(result.source, result.width, result.height) for result in results} == {(str(path), 160, 120)}
    assert tracks(results) == [[1]] * 10
    assert {face.label for result in results for face in result.faces} == {"happy"}
    assert all(result.image is None for result in results)


def test_a_part_of_a_file(tmp_path, recognizer):
    path = film(tmp_path / "a.mp4", walk(30))
    options = VideoOptions(every=4, start=0.2, end=0.8)
    assert [
        result.frame for result in recognize_video(recognizer.components, path, options, notice=print)
    ] == [5, 9, 13, 17]


def test_images_are_kept_where_asked(recognizer):
    pictures = list(walk(4))
    results = watched(recognizer, pictures, keep_images=True)
    assert all(np.array_equal(result.image, image) for result, image in zip(results, pictures, strict=True))


@pytest.mark.parametrize(("every", "looks"), [(1, 30), (3, 10), (7, 5), (100, 1)])
def test_the_detector_runs_on_some_frames_and_faces_are_tracked_between(recognizer, finder, every, looks):
    results = watched(recognizer, walk(30), VideoOptions(detect_every=every))
    assert finder.looks == looks
    assert tracks(results) == [[1]] * 30
    if every < 10:
        lefts = [result.faces[0].box.left for result in results]
        assert lefts[10:] == pytest.approx([10 + 2 * at for at in range(10, 30)], abs=3)


@pytest.mark.parametrize(("threads", "ahead"), [(1, 0), (2, video.AHEAD)])
def test_a_single_thread_rests_while_the_caller_computes(recognizer, threads, ahead):
    taken = []
    pictures = (taken.append(1) or image for image in walk(30))
    recognizer.components.threads = threads
    results = recognize_frames(recognizer.components, frames_of(pictures), "a.mp4", RAW)
    for number in range(1, 11):
        next(results)
        assert number <= len(taken) <= number + ahead
    results.close()


def test_opencv_is_limited_while_frames_are_searched_and_cropped(recognizer, monkeypatch):
    limits = []
    monkeypatch.setattr("cv2.setNumThreads", limits.append)
    monkeypatch.setattr("cv2.getNumThreads", lambda: 8)
    recognizer.components.threads = 2
    assert len(watched(recognizer, walk(2), VideoOptions(detect_every=1))) == 2
    assert set(limits) == {2, 8}
    assert limits[-1] == 8


def test_skipped_frames_count_for_the_search(tmp_path, recognizer, finder):
    path = film(tmp_path / "a.mp4", walk(30))
    list(recognize_video(recognizer.components, path, VideoOptions(every=5, detect_every=3), notice=print))
    assert finder.looks == 6


def test_two_who_cross_keep_numbers_and_expressions(recognizer):
    happy, sad = gray_of("happy"), gray_of("sad")
    pictures = [picture((5 + 4 * at, 10, 25, happy), (125 - 4 * at, 60, 25, sad)) for at in range(30)]
    results = watched(recognizer, pictures)
    for result in results:
        assert {face.track: face.label for face in result.faces} == {1: "happy", 2: "sad"}
        assert [face.box.left for face in result.faces] == sorted(face.box.left for face in result.faces)


def test_one_who_comes_back_soon_is_the_same(recognizer):
    pictures = [picture((10, 10, 40, 128))] * 10 + [picture()] * 10 + [picture((10, 10, 40, 128))] * 10
    seen = tracks(watched(recognizer, pictures, VideoOptions(detect_every=1)))
    assert seen == [[1]] * 10 + [[]] * 10 + [[1]] * 10


@pytest.mark.parametrize("fps", [10, 25, 60])
def test_a_change_is_followed_as_fast_at_any_frame_rate(recognizer, fps):
    happy, sad = (picture((10, 10, 40, gray_of(label))) for label in ("happy", "sad"))
    pictures = [happy] * fps + [sad] * fps
    results = list(
        recognize_frames(recognizer.components, frames_of(pictures, fps), "a", VideoOptions(smooth=0.5))
    )
    left = results[2 * fps - 1].faces[0].probabilities[EMOTIONS.index("happy")]
    assert left == pytest.approx(np.exp(-1 / 0.5), abs=0.03)
    assert sum(results[-1].faces[0].probabilities) == pytest.approx(1)


def test_a_face_that_leaves_the_image_is_gone(recognizer):
    results = watched(recognizer, walk(60, step=6), VideoOptions(detect_every=5))
    assert tracks(results)[-20:] == [[]] * 20


def test_no_faces_at_all(recognizer):
    assert tracks(watched(recognizer, [picture()] * 5)) == [[]] * 5


def test_no_frames_at_all(recognizer):
    assert watched(recognizer, []) == []


def test_provided_boxes_of_all_frames_need_no_detector(tmp_path, recognizer, finder):
    path = film(
        tmp_path / "a.mp4", [picture((10, 30, 40, gray_of("happy")), (90, 30, 40, gray_of("sad")))] * 5
    )
    boxes = [(90, 30, 40, 40), (10, 30, 40, 40)]
    results = list(recognizer.stream(path, boxes=boxes, smooth=0))
    assert finder.looks == 0
    assert [[face.box for face in result.faces] for result in results] == [boxes] * 5
    assert [[face.label for face in result.faces] for result in results] == [["sad", "happy"]] * 5
    assert tracks(results) == [[1, 2]] * 5


def test_provided_boxes_by_frame_are_tracked(tmp_path, recognizer, finder):
    path = film(tmp_path / "a.mp4", walk(8))
    boxes = {at: [(10 + 2 * at, 30, 40, 40)] for at in (0, 1, 4, 6)} | {5: []}
    results = list(recognizer.stream(path, boxes=boxes))
    assert finder.looks == 0
    assert tracks(results) == [[1], [1], [], [], [1], [], [1], []]
    assert results[6].faces[0].box == (22, 30, 40, 40)


def test_a_provided_box_may_reach_over_the_border(tmp_path, recognizer):
    path = film(tmp_path / "a.mp4", walk(2))
    assert tracks(recognizer.stream(path, boxes=[(-30, 30, 40, 40)])) == [[1], [1]]


@pytest.mark.parametrize(
    ("boxes", "error", "message"),
    [
        ([(900, 0, 40, 40)], ImageError, r"a.mp4, frame 0: box 1 \(900, 0, 40, 40\) is outside of the image"),
        ({1: [(1, 1, 9, 9), (1, 200, 9, 9)]}, ImageError, "a.mp4, frame 1: box 2 .* is outside"),
        ([(1, 2, 3)], DetectorError, "boxes, box 1: .*expected left, top"),
        ({3: [(1, 2, 3, 0)]}, DetectorError, "boxes, frame 3, box 1: "),
        ({-1: []}, DetectorError, "boxes, frame -1: expected the number of a frame, from 0"),
        ({"a": []}, DetectorError, "boxes, frame 'a': expected the number of a frame"),
    ],
)
def test_wrong_boxes_are_refused(tmp_path, recognizer, boxes, error, message):
    path = film(tmp_path / "a.mp4", walk(3))
    with pytest.raises(error, match=message):
        list(recognizer.stream(path, boxes=boxes))


@pytest.mark.parametrize(("every", "count"), [(1, 1), (2, 0)])
def test_boxes_after_the_last_frame_are_reported(tmp_path, recognizer, every, count):
    path = film(tmp_path / "a.mp4", walk(3))
    said = []
    boxes = frame_boxes({3: [(1, 1, 9, 9)]})
    options = VideoOptions(every=every)
    list(recognize_video(recognizer.components, path, options, boxes=boxes, notice=said.append))
    assert said == [f"{path}: there are boxes of frame 3, but the last frame is 2"] * count


def test_a_size_that_changes_on_the_way(recognizer):
    results = watched(recognizer, [picture(), picture((9, 9, 40, 99), size=(320, 240))])
    assert [(result.width, result.height) for result in results] == [(160, 120), (320, 240)]


def test_errors_of_a_video_come_at_the_first_frame(recognizer, tmp_path):
    results = recognize_video(recognizer.components, tmp_path / "none.mp4", notice=print)
    with pytest.raises(ImageError, match="no such file"):
        next(results)


def test_errors_of_the_detector_come_out(recognizer):
    class Broken:
        name, framing = "broken", Framing()

        def detect(self, image):
            raise MienError("out of order")

    recognizer.components.detector = Broken()
    with pytest.raises(MienError, match="out of order"):
        watched(recognizer, walk(3))


def test_ending_early_ends_the_threads_and_closes_the_source(recognizer):
    closed = []

    def endless():
        try:
            for at in range(10**9):
                yield Frame(at, at / 25, picture((10, 10, 40, 128)))
        finally:
            closed.append(True)

    before = threading.enumerate()
    with closing(recognize_frames(recognizer.components, endless(), "a", RAW)) as results:
        assert len(list(islice(results, 5))) == 5
    assert closed == [True]
    assert set(threading.enumerate()) <= set(before)  # others may have ended meanwhile


def test_frames_are_let_go(recognizer):
    alive = weakref.WeakValueDictionary()

    def noted():
        for at in range(100):
            image = picture((10, 10, 40, 128))
            alive[at] = image
            yield Frame(at, at / 25, image)

    most = 0
    for _ in recognize_frames(recognizer.components, noted(), "a", RAW, keep_images=True):
        most = max(most, len(alive))
    assert 0 < most < 10


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"every": 0}, "every 0, detect_every 3: expected 1 or more frames"),
        ({"detect_every": -1}, "every 1, detect_every -1"),
        ({"start": -1.0}, "start -1 s, end inf s: expected 0 <= start < end"),
        ({"start": 5.0, "end": 5.0}, "start 5 s, end 5 s"),
        ({"end": float("nan")}, "start 0 s, end nan s"),
        ({"smooth": -0.1}, r"smooth -0.1 s: expected 0 \(off\) or more seconds"),
        ({"smooth": float("inf")}, "smooth inf s"),
    ],
)
def test_values_out_of_range_are_refused(values, message):
    with pytest.raises(MienError, match=message):
        VideoOptions(**values)


def test_crops_of_provided_boxes_have_their_framing(recognizer, tmp_path):
    path = film(tmp_path / "film.mp4", walk(3))
    (first, *_) = recognizer.stream(path, boxes=[(10, 10, 20, 20)], keep_images=True)
    assert [crop.shape[0] for crop in first.crops()] == [round(20 * ProvidedBoxes.framing.scale)]
    (first, *_) = recognizer.stream(path, keep_images=True)
    assert first.framing == recognizer.detector.framing
