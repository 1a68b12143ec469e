import io

import pytest
from rich.console import Console

from mien.detection.box import Box
from mien.labels import EMOTIONS
from mien.output.timeline.summary import VideoSummary
from mien.output.timeline.summary_table import BAR, MAX_ROWS, MIN_BAR, print_summary
from mien.recognition.face import Face, Result


def face(track, label, threshold=0.0):
    return Face.from_probabilities(
        Box(0, 0, 9, 9), 1.0, EMOTIONS, tuple(0.1 + 0.3 * (n == label) for n in EMOTIONS), threshold, track
    )


def printed(frames, width=120):
    console = Console(width=width, file=io.StringIO())
    with VideoSummary() as summary:
        for at, faces in enumerate(frames):
            summary.write(Result("a.mp4", 10, 10, tuple(faces), frame=at, time=60.0 + at))
    print_summary(summary, console)
    return console.file.getvalue()


def test_a_row_has_track_times_duration_and_expressions():
    text = printed([[face(1, "happy")]] * 3 + [[face(1, "sad", 0.5)]])
    row = next(line for line in text.splitlines() if "#1" in line)
    assert row.split()[:5] == ["#1", "1:00", "1:04", "4.0", "s"]
    assert "happy 75 %, sad 25 %" in row
    assert row.split()[-2:] == ["25", "%"]
    assert row.count("█") == BAR
    assert "a.mp4: 4 frames from 1:00 to 1:03" in text


def test_a_video_without_faces_is_one_line():
    assert printed([[], []]) == "a.mp4: 2 frames from 1:00 to 1:01; no faces found\n"


def test_many_tracks_are_counted():
    text = printed([[face(at, "sad") for at in range(1, MAX_ROWS + 6)]] * 2)
    assert text.count("#") == MAX_ROWS
    assert "; 5 more tracks, 10.0 s in total" in text


def test_the_table_fits_a_narrow_terminal():
    assert max(map(len, printed([[face(1, "happy")]] * 3, width=60).splitlines()[:2])) <= 60


def test_two_expressions_stay_on_one_line_of_80_cells_beside_their_bar():
    text = printed([[face(1, "surprise")]] * 3 + [[face(1, "happy", 0.5)]] * 4, width=80)
    row = next(line for line in text.splitlines() if "#1" in line)
    assert "happy 57 %, surprise 43 %" in row
    assert MIN_BAR <= row.count("█") < BAR
    assert len(row) <= 80


def test_a_bar_without_room_is_omitted():
    text = printed([[face(1, "surprise")]] * 3 + [[face(1, "happy", 0.5)]] * 4, width=66)
    assert "█" not in text
    assert "happy 57 %, surprise 43 %" in text


@pytest.mark.parametrize(
    ("width", "shown", "times"),
    [(76, "sad 60 %, happy 20 %, surprise 20 %", True), (68, "sad 60 %, happy 20 %", True),
     (52, "sad 60 %", True), (40, "sad 60 %", False)],
)  # fmt: skip
def test_a_narrow_terminal_gets_fewer_expressions_and_columns_but_whole_lines(width, shown, times):
    labels = ("sad", "happy", "sad", "surprise", "sad")
    lines = printed([[face(1, label)] for label in labels], width=width).splitlines()
    assert f"  {shown}  " in lines[1]
    assert ("from" in lines[0], "1:00" in lines[1]) == (times, times)
    assert len(lines) == 3
    assert max(map(len, lines[:2])) <= width


def test_tracks_of_one_duration_are_in_order():
    text = printed([[face(number, "sad") for number in range(5, 0, -1)]] * 7)
    assert [line.split()[0] for line in text.splitlines()[1:6]] == ["#1", "#2", "#3", "#4", "#5"]


def test_one_track_is_singular():
    text = printed([[face(at, "sad") for at in range(1, MAX_ROWS + 2)]])
    assert "a.mp4: 1 frame from" in text
    assert "; 1 more track," in text
