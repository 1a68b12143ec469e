import pytest

from bundle_builders import OPSET, in_memory, tiny_card
from mien.bundles.description import count_views, describe_input, describe_tta, opset_of, size_of
from mien.config.data import Clahe
from mien.config.training import TTA


@pytest.mark.parametrize(
    ("tta", "count", "words"),
    [
        (None, 1, "none"),
        (TTA(flip=False, shift=0), 1, "none"),
        (TTA(shift=0), 2, "2 views (horizontal flip)"),
        (TTA(flip=False), 5, "5 views (shifts by 2 pixels)"),
        (TTA(shift=3), 10, "10 views (shifts by 3 pixels, horizontal flip)"),
        (TTA(flip=False, shift=0, blur=True), 1, "blur"),
        (
            TTA(shift=3, blur=True),
            10,
            "10 views (shifts by 3 pixels, horizontal flip), blur",
        ),
    ],
)
def test_tta(tta: TTA | None, count: int, words: str) -> None:
    assert (count_views(tta), describe_tta(tta)) == (count, words)


def test_input_and_format() -> None:
    bundle = in_memory()
    assert describe_input(tiny_card(size=64)) == "64x64 pixels, gray"
    assert describe_input(tiny_card(size=64, channels=3)) == "64x64 pixels, RGB"
    assert (
        describe_input(tiny_card(clahe=Clahe(clip_limit=2.5, tiles=8)))
        == "48x48 pixels, gray, CLAHE (clip limit 2.5, 8x8 tiles)"
    )
    assert opset_of(bundle) == OPSET
    assert size_of(bundle) == "0.1 MB"
