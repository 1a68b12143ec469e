import numpy as np
import pytest

from mien.drawing.canvas import Rect, contrast, dashes, fill, frame, line_height, text_width, write
from mien.labels import COLORS, SPARE_COLORS


def ground(width=20, height=10):
    return np.full((height, width, 3), 100, np.uint8)


def changed(picture):
    return {tuple(map(int, place)) for place in np.argwhere((picture != 100).any(axis=2))}


def cells(rows, columns):
    return {(row, column) for row in rows for column in columns}


def test_a_rectangle_is_filled_up_to_its_right_and_bottom():
    picture = ground()
    fill(picture, Rect(2, 3, 5, 6), (1, 2, 3))
    assert changed(picture) == cells(range(3, 6), range(2, 5))
    assert picture[3, 2].tolist() == [1, 2, 3]


@pytest.mark.parametrize("opacity", [0.0, 0.25, 0.5, 1.0])
def test_opacity_mixes(opacity):
    picture = ground()
    fill(picture, Rect(0, 0, 20, 10), (200, 0, 255), opacity)
    expected = 100 * (1 - opacity) + np.array([200, 0, 255]) * opacity
    assert np.abs(picture - expected).max() <= 1


@pytest.mark.parametrize(
    "rect", [Rect(-5, -5, 3, 3), Rect(18, 8, 40, 40), Rect(50, 50, 60, 60), Rect(-9, -9, -1, -1)]
)
def test_what_is_outside_is_left_out(rect):
    picture = ground()
    fill(picture, rect, (0, 0, 0))
    assert changed(picture) == cells(range(10), range(20)) & cells(
        range(rect.top, rect.bottom), range(rect.left, rect.right)
    )


def test_a_frame_lies_inside_of_its_rectangle():
    picture = ground()
    frame(picture, Rect(2, 1, 10, 9), 2, (0, 0, 0))
    assert changed(picture) == cells(range(1, 9), range(2, 10)) - cells(range(3, 7), range(4, 8))


def test_translucent_frames_cover_no_pixel_twice():
    picture = ground()
    frame(picture, Rect(2, 1, 10, 9), 2, (0, 0, 0), 0.5)
    assert set(np.unique(picture)) == {50, 100}


def test_dashes_begin_and_end_at_corners():
    picture = ground(100, 60)
    dashes(picture, Rect(10, 10, 90, 50), 2, (0, 0, 0), length=6)
    for row, column in ((10, 10), (10, 89), (49, 10), (49, 89)):
        assert (picture[row, column] == 0).all()
    top = (picture[10, 10:90] == 0).all(axis=1)
    assert 0.4 < top.mean() < 0.65
    assert np.abs(np.diff(top.astype(int))).sum() >= 10


def test_words_are_written_where_they_are_said_to_be():
    picture = ground(200, 60)
    write(picture, (20, 10), "happy 93%", 20, (255, 255, 255))
    rows, columns = zip(*changed(picture), strict=True)
    assert 10 <= min(rows) < max(rows) < 10 + line_height(20)
    assert 20 <= min(columns) < max(columns) < 20 + text_width("happy 93%", 20)
    assert max(columns) - min(columns) > 0.8 * text_width("happy 93%", 20)


@pytest.mark.parametrize(
    ("at", "seen"), [((-10, -5), True), ((190, 50), True), ((500, 500), False), ((-500, 0), False)]
)
def test_words_over_the_border_are_cut(at, seen):
    picture = ground(200, 60)
    write(picture, at, "happy", 20, (0, 0, 0))
    assert bool(len(changed(picture))) == seen


def test_accents_are_left_out_as_the_font_has_none():
    assert text_width("émotion", 20) == text_width("emotion", 20)


@pytest.mark.parametrize("color", [*COLORS.values(), *SPARE_COLORS, "#000000", "#ffffff"])
def test_words_have_the_contrast_that_wcag_asks_for(color):
    rgb = tuple(bytes.fromhex(color[1:]))
    ink = 1.0 if contrast(rgb) == (255, 255, 255) else 0.0
    parts = [part / 255 for part in rgb]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    ground_light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert (max(ink, ground_light) + 0.05) / (min(ink, ground_light) + 0.05) >= 4.5
