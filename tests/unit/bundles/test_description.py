import pytest

from bundle_builders import OPSET, in_memory, tiny_card
from mien.bundles.description import count_views, describe_input, describe_tta, opset_of, size_of
from mien.config.data import Clahe
from mien.config.training import TTA


@pytest.mark.parametrize(
    ("tta", "count", "words"),
    [
        (None, 1, "looks once"),
        (TTA(flip=False, shift=0), 1, "looks once"),
        (TTA(shift=0), 2, "mean of 2: mirrored"),
        (TTA(flip=False), 5, "mean of 5: shifted by 2 pixels"),
        (TTA(shift=3), 10, "mean of 10: shifted by 3 pixels and mirrored"),
        (TTA(flip=False, shift=0, blur=True), 1, "looks once, softened"),
        (
            TTA(shift=3, blur=True),
            10,
            "mean of 10: shifted by 3 pixels and mirrored, softened",
        ),
    ],
)
def test_views(tta: TTA | None, count: int, words: str) -> None:
    assert (count_views(tta), describe_tta(tta)) == (count, words)


def test_the_rest() -> None:
    bundle = in_memory()
    assert describe_input(tiny_card(size=64)) == "64x64 pixels, gray"
    assert (
        describe_input(tiny_card(clahe=Clahe(clip_limit=2.5, tiles=8)))
        == "48x48 pixels, gray, CLAHE of clip 2.5 in 8x8 tiles"
    )
    assert opset_of(bundle) == OPSET
    assert size_of(bundle) == "0.1 MB"
