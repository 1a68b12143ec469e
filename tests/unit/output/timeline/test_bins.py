import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mien.detection.box import Box
from mien.output.timeline import bins as module
from mien.output.timeline.bins import BINS, MAX_TRACKS, MIN_WIDTH, Bins
from mien.output.timeline.spans import Span
from mien.recognition.face import Face


def span(start, seconds=0.04, track=1, scores=(0.25, 0.75)):
    return Span(track, Face.from_probabilities(Box(0, 0, 9, 9), 1.0, ("a", "b"), scores), start, seconds)


def filled(spans, start=0.0):
    bins = Bins(start)
    for one in spans:
        bins.add(one)
    return bins


@pytest.mark.parametrize("length", [0.04, 1.0, 6.0, 6.04, 100.0, 36_000.0])
def test_any_length_fits(length):
    bins = filled(span(part * length / 50, length / 50) for part in range(50))
    means = bins.means(1)
    assert len(means) <= BINS
    assert np.allclose(means, (0.25, 0.75))
    assert bins.seconds(1) == pytest.approx(length)
    assert len(means) * bins.width == pytest.approx(length, rel=0.3)
    if length > MIN_WIDTH * BINS:
        assert len(means) >= BINS // 2


def test_gaps_are_nan():
    bins = filled([span(0.0, 1.0), span(3.0, 1.0)])
    seen = ~np.isnan(bins.means(1)[:, 0])
    places = np.arange(len(seen)) * bins.width
    assert np.array_equal(seen, (places < 1 - 1e-9) | (places >= 3 - 1e-9))


def test_bins_average_by_time():
    bins = filled([span(0.0, 30.0, scores=(1.0, 0.0)), span(30.0, 10.0, scores=(0.0, 1.0))])
    assert bins.means(1).mean(axis=0) == pytest.approx([0.75, 0.25], abs=0.01)
    assert bins.means(1)[0] == pytest.approx([1, 0])
    assert bins.means(1)[-1] == pytest.approx([0, 1])


def test_a_video_may_begin_at_any_time():
    bins = filled([span(7200.0, 1.0), span(7201.0, 1.0, scores=(1.0, 0.0))], start=7200.0)
    assert (bins.start, bins.end) == (7200.0, 7202.0)
    assert bins.means(1)[[0, -1], 0] == pytest.approx([0.25, 1.0])


def test_time_without_faces_extends_the_bins():
    bins = filled([span(0.0, 1.0)])
    bins.reach(1000.0)
    means = bins.means(1)
    assert len(means) * bins.width >= 1000
    assert np.isnan(means[5:]).all()


def test_the_longest_tracks_are_in_order_of_appearance():
    bins = filled([span(0, 1, track=1), span(0, 3, track=2), span(0, 0.1, track=3), span(0, 2, track=4)])
    assert bins.longest(2) == [2, 4]
    assert bins.longest(3) == [1, 2, 4]
    assert bins.tracks == 4


def test_of_many_tracks_the_short_ones_are_dropped(monkeypatch):
    monkeypatch.setattr(module, "MAX_TRACKS", 10)
    bins = Bins(0.0)
    for at in range(200):
        bins.add(span(at, 1.0, track=1))
        bins.add(span(at, 0.5, track=2 + at))
    assert bins.tracks == 201
    assert bins.dropped > 150
    assert bins.longest(1) == [1]
    assert bins.seconds(1) == pytest.approx(200)
    assert MAX_TRACKS > 10


@given(some.lists(some.tuples(some.floats(0, 50), some.floats(0.01, 20)), min_size=1, max_size=30))
def test_no_time_is_lost(parts):
    bins = filled(span(start, seconds) for start, seconds in parts)
    assert bins.seconds(1) == pytest.approx(sum(seconds for _, seconds in parts))
    means = bins.means(1)
    assert np.allclose(means[~np.isnan(means[:, 0])].sum(axis=1), 1)


def test_tracks_that_begin_among_too_many_visible_ones_are_ignored(monkeypatch):
    monkeypatch.setattr(module, "MAX_TRACKS", 10)
    bins = Bins(0.0)
    for at in range(3):
        for track in range(1, 41):
            bins.add(span(float(at), 1.0, track=track))
    assert bins.tracks == 40
    assert bins.dropped == 30
    assert bins.longest(100) == list(range(1, 11))
    assert bins.seconds(10) == pytest.approx(3)
    assert bins.end == 3.0


@pytest.mark.parametrize(("classes", "tracks"), [(1, 200), (7, 200), (100, 138), (1000, 13), (100_000, 8)])
def test_the_number_of_tracks_follows_from_that_of_the_classes(classes, tracks):
    assert module._most_tracks(classes) == tracks
