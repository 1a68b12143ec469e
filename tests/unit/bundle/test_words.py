import pytest

from bundle_builders import OPSET, in_memory, tiny_card
from mien.bundle.words import count_views, faces_of, opset_of, size_of, views_of
from mien.config.data import Clahe
from mien.config.learning import Views


@pytest.mark.parametrize(
    ("views", "count", "words"),
    [
        (None, 1, "looks once"),
        (Views(flip=False, shift=0), 1, "looks once"),
        (Views(shift=0), 2, "mean of 2: mirrored"),
        (Views(flip=False), 5, "mean of 5: shifted by 2 pixels"),
        (Views(shift=3), 10, "mean of 10: shifted by 3 pixels and mirrored"),
        (Views(flip=False, shift=0, soften=True), 1, "looks once, softened"),
        (Views(shift=3, soften=True), 10, "mean of 10: shifted by 3 pixels and mirrored, softened"),
    ],
)
def test_views(views: Views | None, count: int, words: str) -> None:
    assert (count_views(views), views_of(views)) == (count, words)


def test_the_rest() -> None:
    bundle = in_memory()
    assert faces_of(tiny_card(side=64)) == "64x64 pixels, grey"
    assert (
        faces_of(tiny_card(clahe=Clahe(clip=2.5, tiles=8)))
        == "48x48 pixels, grey, CLAHE of clip 2.5 in 8x8 tiles"
    )
    assert opset_of(bundle) == OPSET
    assert size_of(bundle) == "0.1 MB"
