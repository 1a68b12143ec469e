import pytest

from mien.detection.box import Box
from mien.output.timeline.spans import DEFAULT_STEP, MAX_STEPS, Spans
from mien.recognition.face import Face, Result


def result(time, *tracks):
    faces = tuple(
        Face.from_probabilities(Box(0, 0, 9, 9), 1.0, ("a", "b"), (0.3, 0.7), track=track) for track in tracks
    )
    return Result("a.mp4", 10, 10, faces, frame=0, time=time)


def times(spans):
    return [(span.track, span.start, pytest.approx(span.seconds)) for span in spans]


def test_a_frame_lasts_until_the_next():
    spans = Spans()
    assert spans.after(result(1.0, 1, 2)) == []
    assert times(spans.after(result(1.5, 2))) == [(1, 1.0, 0.5), (2, 1.0, 0.5)]
    assert times(spans.after(result(2.0))) == [(2, 1.5, 0.5)]
    assert spans.after(result(2.5)) == []


def test_the_last_frame_lasts_for_a_usual_interval():
    spans = Spans()
    for at in range(5):
        spans.after(result(0.2 * at, 1))
    assert times(spans.end()) == [(1, 0.8, 0.2)]
    assert spans.end() == []


def test_a_single_frame_is_short():
    spans = Spans()
    spans.after(result(3.0, 1))
    assert times(spans.end()) == [(1, 3.0, DEFAULT_STEP)]


def test_a_long_gap_is_not_counted():
    spans = Spans()
    for at in range(5):
        spans.after(result(0.1 * at, 1))
    assert times(spans.after(result(60.0, 1))) == [(1, 0.4, 0.1 * MAX_STEPS)]


def test_without_frames_there_are_no_spans():
    assert Spans().end() == []


def test_faces_without_a_track_are_ignored():
    spans = Spans()
    spans.after(result(0.0, None))
    assert spans.after(result(0.1)) == []


def test_a_result_without_time_is_refused():
    with pytest.raises(ValueError, match="needs a time"):
        Spans().after(Result("a.jpg", 10, 10, ()))
