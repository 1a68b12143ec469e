import numpy as np
import pytest

from mien.detection.box import Box
from mien.output.timeline.bins import Bins
from mien.output.timeline.chart import LEFT, RIGHT, WIDTH, Chart, outline, runs, shortened, step_of
from mien.output.timeline.spans import Span
from mien.recognition.face import Face

CLASSES = ("cat", "dog")


class Notes:
    """A canvas that remembers what it was told."""

    def __init__(self):
        self.polygons, self.words, self.places = [], [], {}

    def polygon(self, points, color):
        self.polygons.append(points)

    def line(self, start, end, color, width=1.0):
        pass

    def text(self, at, words, size, color, anchor="l"):
        self.words.append(words)
        self.places[words] = at

    def length(self, words, size):
        return 8.0 * len(words)


def drawn(spans, *, most=8, start=0.0, classes=CLASSES, source="a.mp4"):
    bins = Bins(start)
    for track, first, seconds in spans:
        face = Face.from_probabilities(Box(0, 0, 9, 9), 1.0, classes, (0.25, 0.75), track=track)
        bins.add(Span(track, face, first, seconds))
    notes = Notes()
    chart = Chart(source, classes, bins, most)
    chart.draw(notes)
    return chart, notes


def test_words():
    _, notes = drawn([(1, 0, 70), (2, 5, 20)])
    assert {"a.mp4", "cat", "dog", "face 1", "face 2", "0%", "50%", "100%", "0:00", "1:10"} <= set(
        notes.words
    )
    assert "seen for 1:10, on average dog 75%" in notes.words
    assert "probability of each expression over time, face by face" in notes.words


def test_those_left_out_are_told():
    _, notes = drawn([(track, 0, track) for track in range(1, 13)], most=8)
    assert "face 12" in notes.words
    assert "face 4" not in notes.words
    assert any(words.endswith("the 8 faces seen longest; 4 more are left out") for words in notes.words)


def test_nobody_was_seen():
    chart, notes = drawn([])
    assert "no face was seen" in notes.words
    assert chart.height > 100


@pytest.mark.parametrize("length", [0.04, 2, 70, 7200, 36_000])
def test_everything_lies_in_the_picture(length):
    chart, notes = drawn([(1, 0, length / 2), (1, length / 2, length / 2), (2, 0, length / 3)])
    across, down = np.array([point for polygon in notes.polygons for point in polygon]).T
    assert across.min() >= LEFT
    assert across.max() <= WIDTH - RIGHT + 1e-6
    assert down.min() > 0
    assert down.max() < chart.height


def test_marks_stand_at_their_times():
    _, notes = drawn([(1, 30.0, 60.0)], start=30.0)
    assert notes.places["0:30"][0] == pytest.approx(LEFT)
    assert notes.places["1:30"][0] == pytest.approx(WIDTH - RIGHT)


def test_many_classes_take_more_lines():
    many = tuple(f"expression{number}" for number in range(30))
    bins = Bins(0.0)
    assert Chart("a", many, bins, 8).height > Chart("a", CLASSES, bins, 8).height


def test_areas_lie_on_each_other():
    places, borders = outline(np.array([[0.25, 0.75], [1.0, 0.0]]), first=3)
    assert places.tolist() == [3, 3.5, 4.5, 5]
    assert borders.tolist() == [[0, 0.25], [0, 0.25], [0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [([], []), ([0, 0], []), ([1], [(0, 1)]), ([1, 1, 0, 1], [(0, 2), (3, 4)]), ([0, 1, 0], [(1, 2)])],
)
def test_runs(seen, expected):
    assert list(runs(np.array(seen, bool))) == expected


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(0, 0.1), (2, 0.2), (60, 10), (61, 10), (101, 15), (7200, 900), (36_000, 3600), (1e6, 14400)],
)
def test_steps(seconds, step):
    assert step_of(seconds) == step


def test_long_names_lose_their_beginning():
    assert shortened("a" * 100 + "end.mp4") == "…" + "a" * 72 + "end.mp4"
    assert shortened("a.mp4") == "a.mp4"
