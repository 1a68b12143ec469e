from mien.drawing.canvas import Rect
from mien.drawing.layout import Hidden, LabelLayout, around, aside, beside, corners

WHOLE = Rect(0, 0, 100, 80)
BOX = Rect(40, 30, 60, 50)


def room(*boxes):
    return LabelLayout(WHOLE, boxes, Rect(100, 0, 100, 80))


def test_what_a_rectangle_hides_is_counted():
    some = room(BOX, Rect(0, 0, 10, 10))
    assert some.hidden(Rect(61, 30, 80, 50), 0) == Hidden(0, 0, 0)
    assert some.hidden(Rect(50, 40, 70, 60), 0) == Hidden(0, 100, 0)
    assert some.hidden(Rect(50, 40, 70, 60), 1) == Hidden(100, 0, 0)
    assert some.hidden(Rect(-10, 0, 5, 10), 0) == Hidden(50, 0, 100)
    some.take(Rect(61, 30, 70, 40))
    assert some.hidden(Rect(61, 30, 80, 50), 0) == Hidden(90, 0, 0)


def test_rectangles_are_pushed_inside():
    assert room().inside(Rect(-5, 70, 15, 90)) == Rect(0, 60, 20, 80)
    assert room().inside(Rect(95, -3, 115, 7)) == Rect(80, 0, 100, 10)
    assert room().inside(Rect(10, 10, 210, 20)) == Rect(0, 10, 200, 20)


def test_places_have_the_size_and_begin_with_the_best():
    label = Rect(40, 20, 70, 30)
    for places in (
        list(around(BOX, 30, 10)),
        list(beside(BOX, label, 30, 10, 2)),
        list(aside(Rect(100, 0, 200, 80), label, 30, 10, 2)),
        list(corners(WHOLE, 30, 10, 2)),
    ):
        assert all((place.width, place.height) == (30, 10) for place in places)
    assert next(around(BOX, 30, 10)) == Rect(40, 20, 70, 30)
    assert next(beside(BOX, label, 30, 10, 2)) == Rect(62, 30, 92, 40)


def test_places_beside_a_box_are_off_it():
    label = Rect(40, 20, 70, 30)
    outside = [*list(around(BOX, 30, 10))[:-2], *beside(BOX, label, 30, 10, 2)]
    assert all(not place.within(BOX).area for place in outside)
