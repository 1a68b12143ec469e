import json
from contextlib import suppress

import pytest

from mien.detection.box import Box
from mien.labels import EMOTIONS
from mien.output.timeline import summary as module
from mien.output.timeline.summary import VideoSummary
from mien.recognition.face import Face, Result


def face(track, label, confidence=0.8, threshold=0.5, classes=EMOTIONS):
    rest = (1 - confidence) / (len(classes) - 1)
    scores = tuple(confidence if name == label else rest for name in classes)
    return Face.from_probabilities(Box(0, 0, 9, 9), 1.0, classes, scores, threshold, track)


def summed(frames, fps=10):
    """The summary of frames, each a list of faces."""
    with VideoSummary() as summary:
        for at, faces in enumerate(frames):
            summary.write(Result("a.mp4", 10, 10, tuple(faces), frame=at, time=at / fps))
    return summary


def test_seconds_and_fractions_of_each_expression():
    (row,) = summed([[face(1, "happy")]] * 30 + [[face(1, "sad")]] * 10).to_dict()["tracks"]
    assert (row["track"], row["first"], row["last"], row["seconds"]) == (1, 0.0, 4.0, 4.0)
    assert row["expressions"]["happy"] == {"seconds": 3.0, "share": 0.75}
    assert row["expressions"]["sad"] == {"seconds": 1.0, "share": 0.25}
    assert row["expressions"]["fear"] == {"seconds": 0.0, "share": 0.0}
    assert row["uncertain"] == {"seconds": 0.0, "share": 0.0}
    assert row["probabilities"]["happy"] == pytest.approx(0.75 * 0.8 + 0.25 * 0.2 / 6, abs=1e-5)
    assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_gaps_are_not_counted():
    (row,) = summed([[face(1, "happy")]] * 10 + [[]] * 50 + [[face(1, "happy")]] * 10).to_dict()["tracks"]
    assert (row["first"], row["last"], row["seconds"]) == (0.0, 7.0, 2.0)


def test_uncertain_time_is_counted():
    (row,) = summed([[face(1, "sad", 0.4)]] * 10 + [[face(1, "sad", 0.6)]] * 10).to_dict()["tracks"]
    assert row["uncertain"] == {"seconds": 1.0, "share": 0.5}
    assert row["expressions"]["sad"]["seconds"] == 2.0


def test_tracks_are_sorted_by_duration():
    summary = summed([[face(1, "sad"), face(2, "happy")]] * 5 + [[face(2, "happy")]] * 5)
    assert [row.track for row in summary.tracks] == [2, 1]


def test_source_frames_and_times_are_recorded():
    value = summed([[], [face(1, "sad")], []]).to_dict()
    assert (value["source"], value["frames"], value["first"], value["last"]) == ("a.mp4", 3, 0.0, 0.2)


@pytest.mark.parametrize("frames", [[], [[]] * 5])
def test_a_video_without_faces_has_no_tracks(frames):
    value = summed(frames).to_dict()
    assert (value["tracks"], value["others"], value["frames"]) == ([], None, len(frames))


def test_the_summary_is_complete_after_an_interruption():
    with suppress(KeyboardInterrupt), VideoSummary() as summary:
        summary.write(Result("a.mp4", 10, 10, (face(1, "sad"),), frame=0, time=0.0))
        raise KeyboardInterrupt
    assert summary.tracks[0].seconds > 0


def test_the_summary_is_serializable_as_json():
    value = summed([[face(1, "sad")], [face(2, "sad")]]).to_dict()
    assert json.loads(json.dumps(value)) == value


def test_custom_classes_are_supported():
    (row,) = summed([[face(1, "cat", classes=("cat", "dog"))]] * 4).to_dict()["tracks"]
    assert row["expressions"]["cat"]["share"] == 1.0


def test_the_shortest_of_many_tracks_are_merged(monkeypatch):
    monkeypatch.setattr(module, "MAX_TRACKS", 8)
    stayer = face(1, "happy")
    frames = [[stayer, face(2 + at, "sad")] for at in range(100)]
    summary = summed(frames, fps=1)
    assert len(summary.tracks) <= 8 + module.TRACK_TIMEOUT
    assert summary.tracks[0].track == 1
    assert summary.tracks[0].seconds == 100
    assert summary.others.tracks + len(summary.tracks) == 101
    assert summary.others.seconds + sum(row.seconds for row in summary.tracks) == 200
    assert summary.to_dict()["others"]["expressions"]["sad"]["share"] == 1.0


def test_simultaneous_tracks_are_never_merged(monkeypatch):
    monkeypatch.setattr(module, "MAX_TRACKS", 4)
    summary = summed([[face(at, "sad") for at in range(1, 21)]] * 3)
    assert sorted(row.track for row in summary.tracks) == list(range(1, 21))
    assert summary.others is None
