import io

import pytest
from rich.console import Console

from mien.detection.box import Box
from mien.labels import EMOTIONS
from mien.output.live.terminal import BLOCKS, LineView, LiveView, faces_table, label_text
from mien.recognition.face import Face, Result

PROBABLE = (0.02, 0.02, 0.02, 0.86, 0.04, 0.02, 0.02)


def face(track, scores=PROBABLE, threshold=0.0, classes=EMOTIONS):
    return Face.from_probabilities(Box(0, 0, 9, 9), 1.0, classes, scores, threshold, track)


def result(time, *faces):
    return Result("a.mp4", 10, 10, faces, frame=0, time=time)


def shown(width, *faces):
    console = Console(width=width, file=io.StringIO())
    console.print(faces_table(faces, width))
    return console.file.getvalue().splitlines()


def test_a_row_has_track_label_confidence_and_a_bar_per_class():
    head, row = shown(120, face(3))
    assert head.split() == list(EMOTIONS)
    assert row.split()[:4] == ["#3", "happy", "86", "%"]
    assert row[head.index("happy") :].startswith("█████")
    assert row[head.index("sad") - 1 :].strip().startswith("▌")


@pytest.mark.parametrize("width", [33, 40, 62, 80, 120, 250])
def test_rows_fit_into_any_terminal(width):
    lines = shown(width, face(1), face(22, threshold=0.9))
    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    assert all("86 %" in line for line in lines[1:])


def test_a_narrow_terminal_shows_blocks():
    _, row = shown(48, face(1))
    assert "▇▇" in row
    assert not set(row) & set("▌▎▏")
    assert len(BLOCKS) == 9


def test_an_uncertain_label_has_a_question_mark():
    assert label_text(face(1, threshold=0.9)) == "happy?"
    assert "happy?" in shown(100, face(1, threshold=0.9))[1]


def test_many_custom_classes_are_supported():
    classes = tuple(f"c{number}" for number in range(30))
    lines = shown(80, face(1, (1 / 30,) * 30, classes=classes))
    assert max(map(len, lines)) <= 80


def test_without_faces_there_is_no_table():
    assert shown(80) == [""]


def live(width=100, height=20):
    return Console(width=width, height=height, file=io.StringIO(), force_terminal=True)


def test_the_live_view_shows_rate_source_and_faces_and_clears_itself():
    console = live()
    with LiveView(console, "q ends") as view:
        view.write(result(61.5, face(2), face(1)))
    text = console.file.getvalue()
    for words in ("1:01.5", "2 faces", "frames/s", "q ends", "a.mp4", "#1", "#2"):
        assert words in text
    assert text.index("#1") < text.index("#2")
    assert text.endswith("\x1b[2K") or "\x1b[2K" in text.split("#2")[-1]


def test_the_live_view_limits_its_refresh_rate():
    console = live()
    with LiveView(console) as view:
        for at in range(200):
            view.write(result(at / 1000, face(1)))
    assert console.file.getvalue().count("frames/s") < 50


def test_the_line_view_writes_one_line_per_second():
    console = Console(width=30, file=io.StringIO())
    with LineView(console) as view:
        for at in range(50):
            view.write(result(at / 25, face(2, threshold=0.9), face(1)) if at < 25 else result(at / 25))
    assert console.file.getvalue() == "0:00  #1 happy 86 %  #2 happy? 86 %\n0:01  no face\n"
