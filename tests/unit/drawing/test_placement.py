import pytest

from mien.drawing.canvas import Rect
from mien.drawing.layout import LabelLayout
from mien.drawing.placement import (
    MAX_BARS,
    TEXT_SIZES,
    FaceRegion,
    place_bars,
    place_label,
    text_sizes,
)
from mien.labels import EMOTIONS
from result_builders import face


def region(box, *, label="happy", confidence=0.9, **options):
    return FaceRegion(face(label, confidence, (0, 0, 1, 1), **options), Rect(*box), 0)


def layout_of(*boxes, size=(640, 480)):
    bounds = Rect(0, 0, *size)
    return LabelLayout(bounds, [Rect(*box) for box in boxes], bounds._replace(left=size[0]))


BOX = (200, 150, 300, 250)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "happy 90 %"),
        ({"track": 3}, "#3 happy 90 %"),
        ({"confidence": 0.4}, "happy? 40 %"),
        ({"confidence": 0.995}, "happy 100 %"),
    ],
)
def test_the_label_has_class_confidence_track_and_uncertainty(options, text):
    assert place_label(region(BOX, **options), layout_of(BOX)).text == text


def test_the_label_is_above_the_box_or_else_below():
    above = place_label(region(BOX), layout_of(BOX)).rect
    assert (above.left, above.bottom) == (200, 150)
    high = (200, 0, 300, 100)
    assert place_label(region(high), layout_of(high)).rect.top == 100


def test_the_label_shrinks_rather_than_cover_other_faces():
    around = [(100, 150, 195, 250), (305, 150, 400, 250), (100, 30, 400, 132), (100, 268, 400, 370)]
    free, tight = (place_label(region(BOX), layout_of(BOX, *others)) for others in ([], around))
    assert tight.size < free.size
    assert not any(layout_of(BOX, *around).overlap(tight.rect, 0))


@pytest.mark.parametrize(("side", "size"), [(20, 11), (100, 16), (400, 16)])
def test_text_size_follows_the_face_and_the_image(side, size):
    assert text_sizes(Rect(0, 0, 640, 480), Rect(0, 0, side, side))[0] == size


def test_text_of_a_large_image_is_large_even_at_tiny_faces():
    sizes = text_sizes(Rect(0, 0, 4000, 3000), Rect(0, 0, 20, 20))
    assert sizes[0] >= 39
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == TEXT_SIZES[0]


def test_a_small_face_among_others_has_no_bars():
    small, other = (200, 150, 240, 190), (400, 150, 440, 190)
    label = place_label(region(small), layout_of(small, other)).rect
    assert place_bars(region(small), label, layout_of(small, other), alone=False) is None
    assert place_bars(region(small), label, layout_of(small), alone=True) is not None


@pytest.mark.parametrize("n", [2, 7, MAX_BARS, MAX_BARS + 1, 100])
def test_only_the_most_probable_of_many_classes_get_a_bar(n):
    classes = tuple(f"class{k}" for k in range(n))
    one = region((200, 50, 400, 350), label=f"class{n - 1}", classes=classes)
    bars = place_bars(one, Rect(0, 0, 0, 0), layout_of((200, 50, 400, 350)), alone=True)
    assert len(bars.indices) == min(n, MAX_BARS)
    assert n - 1 in bars.indices
    assert bars.indices == tuple(range(n)) or n > MAX_BARS


def test_bars_keep_the_order_of_the_classes():
    bars = place_bars(region(BOX, label="surprise"), Rect(0, 0, 0, 0), layout_of(BOX), alone=True)
    assert [EMOTIONS[index] for index in bars.indices] == list(EMOTIONS)
