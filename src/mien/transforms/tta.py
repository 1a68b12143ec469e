"""Test-time augmentation: probabilities are averaged over several views of the same face."""

from collections.abc import Iterator
from typing import Final

from torch import Tensor
from torch.nn import functional as F

from mien.config.training import TTA

BLUR_KERNEL: Final = (1, 10, 1)
"""Weights, in twelfths, of a pixel's neighbor, itself and its other neighbor, along each axis.

Bilinear resampling at t pixels beyond a pixel weighs it by 1 - t and the next one by t: a blur of
variance t(1 - t), 1/6 on the mean over all t. These weights have the same variance, and no shift."""


def views_of(faces: Tensor, config: TTA | None) -> Iterator[Tensor]:
    """Yield each view of the faces, levels of 0..1 (n, channels, size, size); None gives the faces alone.

    The views are the face and its four shifts along the diagonals, each with its mirror image
    if `flip` is set: ten in all with the defaults, after the ten-crop of AlexNet. With `blur` the
    face is `blurred` before.
    """
    if config and config.blur:
        faces = blurred(faces)
    for shifted in _shifts(faces, config.shift if config else 0):
        yield shifted
        if config and config.flip:
            yield shifted.flip(3)


def blurred(faces: Tensor) -> Tensor:
    """Return the faces, levels of 0..1 (n, channels, size, size), blurred by `BLUR_KERNEL`.

    The border is repeated. Levels are rounded to 255ths, as in an image, from sums that are exact in
    float32, so that a bundle computes the same levels.
    """
    before, itself, after = BLUR_KERNEL
    wide = F.pad((faces * 255).round(), (1, 1, 1, 1), mode="replicate")
    rows = before * wide[:, :, :-2] + itself * wide[:, :, 1:-1] + after * wide[:, :, 2:]
    both = before * rows[..., :-2] + itself * rows[..., 1:-1] + after * rows[..., 2:]
    return (both / sum(BLUR_KERNEL) ** 2).round() / 255


def _shifts(faces: Tensor, pixels: int) -> Iterator[Tensor]:
    yield faces
    if pixels:
        size = faces.shape[3]
        wide = F.pad(faces, (pixels,) * 4, mode="replicate")
        for top in (0, 2 * pixels):
            for left in (0, 2 * pixels):
                yield wide[:, :, top : top + size, left : left + size]
