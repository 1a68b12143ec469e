"""Parts of a face by name, and which of them a map is about.

The parts are ellipses on a face that is framed as those of FER2013: eyes at two fifths of the height, mouth
at four fifths. They are positions in the square, not landmarks of a face: of a turned head, or of crops with
other framing, the names are wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ellipse = tuple[float, float, float, float]
"""Center and half axes: x, y, across, down, in sides of the face."""

REGIONS: Final[Mapping[str, tuple[Ellipse, ...]]] = {
    "forehead": ((0.5, 0.13, 0.30, 0.10),),
    "brows": ((0.30, 0.28, 0.14, 0.06), (0.70, 0.28, 0.14, 0.06)),
    "between the brows": ((0.5, 0.30, 0.07, 0.10),),
    "eyes": ((0.30, 0.39, 0.13, 0.065), (0.70, 0.39, 0.13, 0.065)),
    "nose": ((0.5, 0.54, 0.12, 0.14),),
    "cheeks": ((0.22, 0.60, 0.11, 0.12), (0.78, 0.60, 0.11, 0.12)),
    "mouth": ((0.5, 0.78, 0.13, 0.08),),
    "mouth corners": ((0.31, 0.76, 0.08, 0.09), (0.69, 0.76, 0.08, 0.09)),
    "chin": ((0.5, 0.94, 0.20, 0.07),),
}
"""Ellipses of each part; parts may overlap at their borders."""

OUTSIDE: Final = "edges of the image"

LEAST_RATIO: Final = 1.3
"""Mean saliency of a part that is named, at least, in means of the face."""

MOST_NAMED: Final = 2


@dataclass(frozen=True)
class Part:
    """A part of the face, and how much of a map is in it.

    Attributes:
        name: One of `REGIONS`, or `OUTSIDE`.
        share: Of the positive saliency, 0 to 1; parts overlap.
        ratio: Mean positive saliency of its pixels, in means of the face: 1 if it is spread evenly.
    """

    name: str
    share: float
    ratio: float


def parts_of(saliency: NDArray[np.floating]) -> list[Part]:
    """Return the parts of a face by their mean positive saliency, the highest first.

    Args:
        saliency: (size, size).
    """
    positive = np.maximum(saliency, 0).astype(np.float64)
    total = float(positive.sum())
    if total <= 0:
        return []
    found = []
    for name, mask in region_masks(len(saliency)).items():
        share = float(positive[mask].sum()) / total
        found.append(Part(name, share, share / float(mask.mean())))
    return sorted(found, key=lambda part: -part.ratio)


def describe(saliency: NDArray[np.floating]) -> str:
    """Return the most salient parts, such as "mouth corners, cheeks"; "" if there are none.

    Args:
        saliency: (size, size).
    """
    named = [part.name for part in parts_of(saliency) if part.ratio >= LEAST_RATIO]
    return ", ".join(named[:MOST_NAMED])


def region_masks(size: int) -> dict[str, NDArray[np.bool_]]:
    """Return the pixels of each part, bool (size, size)."""
    centers = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(centers, centers)
    masks = {
        name: np.any([((x - a) / w) ** 2 + ((y - b) / h) ** 2 <= 1 for a, b, w, h in ellipses], axis=0)
        for name, ellipses in REGIONS.items()
    }
    outside = ((x - 0.5) / 0.5) ** 2 + ((y - 0.5) / 0.55) ** 2 > 1
    return masks | {OUTSIDE: outside}
