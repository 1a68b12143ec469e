from mien.drawing.canvas import Rect
from mien.drawing.layout import (
    LabelLayout,
    Overlap,
    corner_positions,
    label_positions,
    margin_positions,
    panel_positions,
)

BOUNDS = Rect(0, 0, 100, 80)
BOX = Rect(40, 30, 60, 50)


def layout_of(*boxes):
    return LabelLayout(BOUNDS, boxes, Rect(100, 0, 100, 80))


def test_the_covered_area_is_counted():
    some = layout_of(BOX, Rect(0, 0, 10, 10))
    assert some.overlap(Rect(61, 30, 80, 50), 0) == Overlap(0, 0, 0)
    assert some.overlap(Rect(50, 40, 70, 60), 0) == Overlap(0, 100, 0)
    assert some.overlap(Rect(50, 40, 70, 60), 1) == Overlap(100, 0, 0)
    assert some.overlap(Rect(-10, 0, 5, 10), 0) == Overlap(50, 0, 100)
    some.reserve(Rect(61, 30, 70, 40))
    assert some.overlap(Rect(61, 30, 80, 50), 0) == Overlap(90, 0, 0)


def test_rectangles_are_moved_inside():
    assert layout_of().clamped(Rect(-5, 70, 15, 90)) == Rect(0, 60, 20, 80)
    assert layout_of().clamped(Rect(95, -3, 115, 7)) == Rect(80, 0, 100, 10)
    assert layout_of().clamped(Rect(10, 10, 210, 20)) == Rect(0, 10, 200, 20)


def test_positions_have_the_size_and_the_best_is_first():
    label = Rect(40, 20, 70, 30)
    for positions in (
        list(label_positions(BOX, 30, 10)),
        list(panel_positions(BOX, label, 30, 10, 2)),
        list(margin_positions(Rect(100, 0, 200, 80), label, 30, 10, 2)),
        list(corner_positions(BOUNDS, 30, 10, 2)),
    ):
        assert all((position.width, position.height) == (30, 10) for position in positions)
    assert next(label_positions(BOX, 30, 10)) == Rect(40, 20, 70, 30)
    assert next(panel_positions(BOX, label, 30, 10, 2)) == Rect(62, 30, 92, 40)


def test_positions_near_a_box_do_not_cover_it():
    label = Rect(40, 20, 70, 30)
    outside = [*list(label_positions(BOX, 30, 10))[:-2], *panel_positions(BOX, label, 30, 10, 2)]
    assert all(not position.intersection(BOX).area for position in outside)


def test_areas_are_counted_once_and_far_ones_not_at_all():
    wide = Rect(0, 0, 4000, 3000)
    boxes = [
        Rect(left, top, left + 150, top + 150) for left in range(0, 4000, 200) for top in range(0, 3000, 200)
    ]
    some = LabelLayout(wide, boxes, Rect(4000, 0, 4000, 3000))
    for rect in (
        Rect(0, 0, 4000, 3000),
        Rect(990, 1010, 1600, 1777),
        Rect(-50, 2900, 90, 3100),
        Rect(160, 0, 190, 9),
    ):
        others = sum(rect.intersection(box).area for box in boxes[1:])
        assert some.overlap(rect, 0)[:2] == (others, rect.intersection(boxes[0]).area)
    assert len(some._grid[0, 0]) == 1
