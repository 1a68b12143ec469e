"""What is said on standard error."""

import io
import re
import sys
from functools import partial
from pathlib import Path

import pytest

from mien.cli.reporter import Reporter
from mien.detection.box import Box
from mien.detection.provided.boxes import ProvidedBoxes
from mien.output.timeline.summary import VideoSummary
from mien.recognition.face import Face, Result
from mien.recognition.sources.items import Failure

FACE = Face.from_probabilities(Box(0, 0, 9, 9), 1.0, ("sad", "happy"), (0.1, 0.9), track=1)


def result(faces=1, frame=None):
    return Result("a.jpg", 9, 9, (FACE,) * faces, frame, None if frame is None else frame / 25)


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ([result()], "1 image, 1 face in"),
        ([result(0)] * 2, "2 images, no faces in"),
        ([result(2), result(1, 0), Failure("b", "b: bad")], "1 image, 1 frame, 1 unreadable, 3 faces in"),
        ([result(2)] * 1000, "1,000 images, 2,000 faces in"),
    ],
)
def test_the_last_line(outcomes, line, capsys):
    with Reporter(quiet=True, bar=False) as reporter:
        for outcome in outcomes:
            reporter.add(outcome)
    assert re.fullmatch(rf"{re.escape(line)} \d+\.\d s \([\d,.]+ faces/s\)", reporter.summary())


def test_the_last_line_when_all_was_there_already():
    assert Reporter(quiet=False, bar=False).summary() == "nothing left to do"


def test_failures_are_said_even_when_quiet_and_counted(capsys):
    with Reporter(quiet=True, bar=False) as reporter:
        reporter.add(Failure("b", "b: bad\n  indeed"))
        reporter.notice("a hint")
    assert capsys.readouterr() == ("", "mien: b: bad indeed\n")
    assert reporter.failures == 1


def test_reasons_of_uncertain_faces_are_counted(capsys):
    made = partial(Face.from_probabilities, Box(0, 0, 9, 9), 1.0, ("sad", "happy"), (0.1, 0.9))
    with Reporter(quiet=False, bar=False) as reporter:
        reporter.report_uncertain()
        reporter.add(Result("a", 9, 9, (made(), made(doubt="orientation"), made(threshold=0.95))))
        reporter.add(Result("b", 9, 9, (made(threshold=0.95),)))
        reporter.report_uncertain()
    assert capsys.readouterr().err == (
        "mien: 3 of 4 faces uncertain: 2 low confidence, 1 orientation; "
        "--any-orientation finds turned faces\n"
    )


def test_notices(capsys):
    Reporter(quiet=False, bar=False).notice("a hint")
    assert capsys.readouterr().err == "mien: a hint\n"


def test_the_summary_of_a_video_goes_to_standard_error(capsys):
    with VideoSummary() as summary:
        summary.write(result(1, 0))
        summary.write(result(1, 25))
    Reporter(quiet=True, bar=False).summarize(summary)
    assert capsys.readouterr() == ("", "")
    Reporter(quiet=False, bar=False).summarize(summary)
    out, err = capsys.readouterr()
    assert out == ""
    assert "a.jpg: 2 frames" in err
    Reporter(quiet=False, bar=False).summarize(VideoSummary())
    assert capsys.readouterr().err == ""


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_bar_shows_how_far_it_is_and_tears_neither_results_nor_messages(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with Reporter(quiet=False, bar=True) as reporter:
        assert reporter.has_bar
        reporter.expect(3)
        reporter.add(result(4))
        reporter.add(Failure("b", "b: [bad]"))
        sys.stdout.write("a result\n")
        reporter._bar.refresh()
    shown = sys.stderr.getvalue()
    assert "mien: b: [bad]\n" in shown
    assert "2/3" in shown
    assert "faces/s" in shown
    assert "a result" not in shown
    assert capsys.readouterr().out == "a result\n"


def test_more_than_was_expected(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Reporter(quiet=False, bar=True) as reporter:
        for count in range(4):
            reporter.expect(count == 0)
            reporter.add(result())
        (state,) = reporter._bar.tasks
        assert (state.completed, state.total) == (4, 4)


def test_boxes_that_were_never_used_are_named_and_counted(capsys):
    boxes = ProvidedBoxes({f"{name}.jpg": [] for name in "abcdef"})
    for source in ("b.jpg", "x.jpg"):
        boxes.of(source)
    reporter = Reporter(quiet=False, bar=False)
    reporter.report_boxes(boxes, Path("boxes.csv"), resumed=False)
    assert capsys.readouterr().err == (
        "mien: boxes.csv: boxes of files that are not among the inputs: a.jpg, c.jpg, d.jpg and 2 more\n"
        "mien: boxes.csv: no entry for 1 file; the detector ran on them\n"
    )
    reporter.report_boxes(ProvidedBoxes({"a.jpg": []}), Path("boxes.csv"), resumed=True)
    Reporter(quiet=True, bar=False).report_boxes(boxes, Path("boxes.csv"), resumed=False)
    assert capsys.readouterr().err == ""
