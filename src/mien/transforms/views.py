"""Views: the same face seen several ways at test time; probabilities are averaged over them."""

from collections.abc import Iterator

from torch import Tensor
from torch.nn import functional as F

from mien.config.learning import Views


def views_of(faces: Tensor, config: Views | None) -> Iterator[Tensor]:
    """Yield each view of the faces, (n, 1, side, side) each; None gives the faces alone.

    The views are the face and its four shifts along the diagonals, each with its mirror image
    if `flip` is set: ten in all with the defaults, after the ten-crop of AlexNet.
    """
    for shifted in _shifts(faces, config.shift if config else 0):
        yield shifted
        if config and config.flip:
            yield shifted.flip(3)


def _shifts(faces: Tensor, pixels: int) -> Iterator[Tensor]:
    yield faces
    if pixels:
        side = faces.shape[3]
        wide = F.pad(faces, (pixels,) * 4, mode="replicate")
        for top in (0, 2 * pixels):
            for left in (0, 2 * pixels):
                yield wide[:, :, top : top + side, left : left + side]
