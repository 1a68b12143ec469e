import numpy as np
import pytest

from mien.drawing.canvas import (
    Rect,
    contrasting,
    draw_dashed_frame,
    draw_frame,
    draw_text,
    fill,
    line_height,
    text_width,
)
from mien.labels import COLORS, SPARE_COLORS


def gray_canvas(width=20, height=10):
    return np.full((height, width, 3), 100, np.uint8)


def changed(canvas):
    return {tuple(map(int, place)) for place in np.argwhere((canvas != 100).any(axis=2))}


def cells(rows, columns):
    return {(row, column) for row in rows for column in columns}


def test_a_rectangle_is_filled_up_to_its_right_and_bottom():
    canvas = gray_canvas()
    fill(canvas, Rect(2, 3, 5, 6), (1, 2, 3))
    assert changed(canvas) == cells(range(3, 6), range(2, 5))
    assert canvas[3, 2].tolist() == [1, 2, 3]


@pytest.mark.parametrize("opacity", [0.0, 0.25, 0.5, 1.0])
def test_opacity_blends_the_colors(opacity):
    canvas = gray_canvas()
    fill(canvas, Rect(0, 0, 20, 10), (200, 0, 255), opacity)
    expected = 100 * (1 - opacity) + np.array([200, 0, 255]) * opacity
    assert np.abs(canvas - expected).max() <= 1


@pytest.mark.parametrize(
    "rect", [Rect(-5, -5, 3, 3), Rect(18, 8, 40, 40), Rect(50, 50, 60, 60), Rect(-9, -9, -1, -1)]
)
def test_parts_outside_of_the_canvas_are_ignored(rect):
    canvas = gray_canvas()
    fill(canvas, rect, (0, 0, 0))
    assert changed(canvas) == cells(range(10), range(20)) & cells(
        range(rect.top, rect.bottom), range(rect.left, rect.right)
    )


def test_a_frame_lies_inside_of_its_rectangle():
    canvas = gray_canvas()
    draw_frame(canvas, Rect(2, 1, 10, 9), 2, (0, 0, 0))
    assert changed(canvas) == cells(range(1, 9), range(2, 10)) - cells(range(3, 7), range(4, 8))


def test_translucent_frames_cover_no_pixel_twice():
    canvas = gray_canvas()
    draw_frame(canvas, Rect(2, 1, 10, 9), 2, (0, 0, 0), 0.5)
    assert set(np.unique(canvas)) == {50, 100}


def test_dashes_begin_and_end_at_corners():
    canvas = gray_canvas(100, 60)
    draw_dashed_frame(canvas, Rect(10, 10, 90, 50), 2, (0, 0, 0), length=6)
    for row, column in ((10, 10), (10, 89), (49, 10), (49, 89)):
        assert (canvas[row, column] == 0).all()
    top = (canvas[10, 10:90] == 0).all(axis=1)
    assert 0.4 < top.mean() < 0.65
    assert np.abs(np.diff(top.astype(int))).sum() >= 10


def test_text_is_drawn_at_its_position():
    canvas = gray_canvas(200, 60)
    draw_text(canvas, (20, 10), "happy 93 %", 20, (255, 255, 255))
    rows, columns = zip(*changed(canvas), strict=True)
    assert 10 <= min(rows) < max(rows) < 10 + line_height(20)
    assert 20 <= min(columns) < max(columns) < 20 + text_width("happy 93 %", 20)
    assert max(columns) - min(columns) > 0.8 * text_width("happy 93 %", 20)


@pytest.mark.parametrize(
    ("at", "seen"), [((-10, -5), True), ((190, 50), True), ((500, 500), False), ((-500, 0), False)]
)
def test_text_across_the_border_is_cut(at, seen):
    canvas = gray_canvas(200, 60)
    draw_text(canvas, at, "happy", 20, (0, 0, 0))
    assert bool(len(changed(canvas))) == seen


def test_accents_are_removed():
    assert text_width("émotion", 20) == text_width("emotion", 20)


@pytest.mark.parametrize("color", [*COLORS.values(), *SPARE_COLORS, "#000000", "#ffffff"])
def test_text_has_the_contrast_that_wcag_requires(color):
    rgb = tuple(bytes.fromhex(color[1:]))
    ink = 1.0 if contrasting(rgb) == (255, 255, 255) else 0.0
    parts = [part / 255 for part in rgb]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert (max(ink, luminance) + 0.05) / (min(ink, luminance) + 0.05) >= 4.5
