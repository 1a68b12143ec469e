import pytest

from mien.drawing.annotations import MOST_BARS, SIZES, Spot, place_bars, place_label, sizes_for
from mien.drawing.canvas import Rect
from mien.drawing.layout import LabelLayout
from mien.labels import EMOTIONS
from result_builders import face


def spot(box, *, label="happy", confidence=0.9, **options):
    return Spot(face(label, confidence, (0, 0, 1, 1), **options), Rect(*box), 0)


def room(*boxes, size=(640, 480)):
    whole = Rect(0, 0, *size)
    return LabelLayout(whole, [Rect(*box) for box in boxes], whole._replace(left=size[0]))


BOX = (200, 150, 300, 250)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "happy 90%"),
        ({"track": 3}, "#3 happy 90%"),
        ({"confidence": 0.4}, "happy? 40%"),
        ({"confidence": 0.995}, "happy 100%"),
    ],
)
def test_the_label_says_what_is_known(options, words):
    assert place_label(spot(BOX, **options), room(BOX)).words == words


def test_the_label_is_above_the_box_or_below_where_there_is_no_room():
    above = place_label(spot(BOX), room(BOX)).place
    assert (above.left, above.bottom) == (200, 150)
    high = (200, 0, 300, 100)
    assert place_label(spot(high), room(high)).place.top == 100


def test_the_label_shrinks_rather_than_hide_somebody():
    around = [(100, 150, 195, 250), (305, 150, 400, 250), (100, 30, 400, 132), (100, 268, 400, 370)]
    free, tight = (place_label(spot(BOX), room(BOX, *others)) for others in ([], around))
    assert tight.size < free.size
    assert not any(room(BOX, *around).hidden(tight.place, 0))


@pytest.mark.parametrize(("side", "size"), [(20, 11), (100, 16), (400, 16)])
def test_text_goes_by_the_face_and_the_picture(side, size):
    assert sizes_for(Rect(0, 0, 640, 480), Rect(0, 0, side, side))[0] == size


def test_text_of_a_large_picture_is_large_even_at_tiny_faces():
    sizes = sizes_for(Rect(0, 0, 4000, 3000), Rect(0, 0, 20, 20))
    assert sizes[0] >= 39
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == SIZES[0]


def test_a_small_face_among_others_has_no_bars():
    small, other = (200, 150, 240, 190), (400, 150, 440, 190)
    label = place_label(spot(small), room(small, other)).place
    assert place_bars(spot(small), label, room(small, other), alone=False) is None
    assert place_bars(spot(small), label, room(small), alone=True) is not None


@pytest.mark.parametrize("n", [2, 7, MOST_BARS, MOST_BARS + 1, 100])
def test_only_the_most_probable_of_many_classes_get_a_bar(n):
    classes = tuple(f"class{k}" for k in range(n))
    one = spot((200, 50, 400, 350), label=f"class{n - 1}", classes=classes)
    bars = place_bars(one, Rect(0, 0, 0, 0), room((200, 50, 400, 350)), alone=True)
    assert len(bars.ranks) == min(n, MOST_BARS)
    assert n - 1 in bars.ranks
    assert bars.ranks == tuple(range(n)) or n > MOST_BARS


def test_bars_keep_the_order_of_the_classes():
    bars = place_bars(spot(BOX, label="surprise"), Rect(0, 0, 0, 0), room(BOX), alone=True)
    assert [EMOTIONS[rank] for rank in bars.ranks] == list(EMOTIONS)
