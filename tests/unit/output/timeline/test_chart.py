import numpy as np
import pytest

from mien.detection.box import Box
from mien.output.timeline.bins import Bins
from mien.output.timeline.chart import LEFT, RIGHT, WIDTH, Chart, _shortened, outline, runs, tick_step
from mien.output.timeline.spans import Span
from mien.recognition.face import Face

CLASSES = ("cat", "dog")


class Record:
    """A canvas that records its calls."""

    def __init__(self):
        self.polygons, self.texts, self.positions = [], [], {}

    def polygon(self, points, color):
        self.polygons.append(points)

    def line(self, start, end, color, width=1.0):
        pass

    def text(self, at, text, size, color, anchor="l"):
        self.texts.append(text)
        self.positions[text] = at

    def text_width(self, text, size):
        return 8.0 * len(text)


def drawn(spans, *, max_tracks=8, start=0.0, classes=CLASSES, source="a.mp4"):
    bins = Bins(start)
    for track, first, seconds in spans:
        face = Face.from_probabilities(Box(0, 0, 9, 9), 1.0, classes, (0.25, 0.75), track=track)
        bins.add(Span(track, face, first, seconds))
    record = Record()
    chart = Chart(source, classes, bins, max_tracks)
    chart.draw(record)
    return chart, record


def test_texts():
    _, record = drawn([(1, 0, 70), (2, 5, 20)])
    assert {"a.mp4", "cat", "dog", "track 1", "track 2", "0 %", "50 %", "100 %", "0:00", "1:10"} <= set(
        record.texts
    )
    assert "1:10 in total, highest mean probability: dog 75 %" in record.texts
    assert "probability of each expression over time, one panel per track" in record.texts


def test_omitted_tracks_are_counted():
    _, record = drawn([(track, 0, track) for track in range(1, 13)], max_tracks=8)
    assert "track 12" in record.texts
    assert "track 4" not in record.texts
    assert any(text.endswith("the 8 longest tracks; 4 shorter ones are omitted") for text in record.texts)


def test_a_video_without_faces_has_an_empty_panel():
    chart, record = drawn([])
    assert "no face was found" in record.texts
    assert chart.height > 100


@pytest.mark.parametrize("length", [0.04, 2, 70, 7200, 36_000])
def test_everything_is_inside_the_image(length):
    chart, record = drawn([(1, 0, length / 2), (1, length / 2, length / 2), (2, 0, length / 3)])
    x, y = np.array([point for polygon in record.polygons for point in polygon]).T
    assert x.min() >= LEFT
    assert x.max() <= WIDTH - RIGHT + 1e-6
    assert y.min() > 0
    assert y.max() < chart.height


def test_ticks_are_at_their_times():
    _, record = drawn([(1, 30.0, 60.0)], start=30.0)
    assert record.positions["0:30"][0] == pytest.approx(LEFT)
    assert record.positions["1:30"][0] == pytest.approx(WIDTH - RIGHT)


def test_the_legend_of_many_classes_takes_more_lines():
    many = tuple(f"expression{number}" for number in range(30))
    bins = Bins(0.0)
    assert Chart("a", many, bins, 8).height > Chart("a", CLASSES, bins, 8).height


def test_areas_are_stacked():
    places, borders = outline(np.array([[0.25, 0.75], [1.0, 0.0]]), first=3)
    assert places.tolist() == [3, 3.5, 4.5, 5]
    assert borders.tolist() == [[0, 0.25], [0, 0.25], [0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("mask", "expected"),
    [([], []), ([0, 0], []), ([1], [(0, 1)]), ([1, 1, 0, 1], [(0, 2), (3, 4)]), ([0, 1, 0], [(1, 2)])],
)
def test_runs_of_true_values(mask, expected):
    assert list(runs(np.array(mask, bool))) == expected


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(0, 0.1), (2, 0.2), (60, 10), (61, 10), (101, 15), (7200, 900), (36_000, 3600), (1e6, 14400)],
)
def test_tick_steps(seconds, step):
    assert tick_step(seconds) == step


def test_long_names_are_cut_at_the_left():
    assert _shortened("a" * 100 + "end.mp4") == "…" + "a" * 72 + "end.mp4"
    assert _shortened("a.mp4") == "a.mp4"


def test_of_many_classes_the_most_probable_are_drawn_and_the_others_merged():
    classes = tuple(f"a class of a long name, number {number} of many" for number in range(50))
    shares = np.full(50, 0.5 / 48)
    shares[[30, 40]] = 0.3, 0.2
    bins = Bins(0.0)
    face = Face.from_probabilities(Box(0, 0, 9, 9), 1.0, classes, tuple(shares), track=1)
    bins.add(Span(1, face, 0.0, 6.0))
    record = Record()
    chart = Chart("a.mp4", classes, bins, 8)
    chart.draw(record)
    assert "40 others" in record.texts
    assert {"a class of a l…er 30 of many", "a class of a l…er 40 of many"} <= set(record.texts)
    assert sum("…" in text for text in record.texts) == 11  # with the title of the panel
    assert len(set(chart._colors)) == 11
    assert chart._means(1)[0] == pytest.approx([0.5 / 48] * 8 + [0.3, 0.2] + [40 * 0.5 / 48])
    assert chart.height < 500
