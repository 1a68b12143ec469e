"""Kinds of the fields of `Face` and `Result`, which users may construct, too."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from mien.arguments import FINITE, FLAG, INTEGER, SHARE, TEXT, Kind, of_type, optional, within
from mien.detection.base import Framing
from mien.detection.landmarks import Landmarks
from mien.drawing.base import COORDINATE
from mien.limits import MAX_COORDINATE


def _are_landmarks(value: object) -> bool:
    return isinstance(value, Landmarks) and all(
        isinstance(point, tuple) and len(point) == 2 and all(map(COORDINATE.accepts, point))
        for point in value
    )


def _is_image(value: Any) -> bool:  # noqa: ANN401 - any argument
    return (
        isinstance(value, np.ndarray)
        and value.dtype == np.uint8
        and value.ndim == 3
        and value.shape[2] == 3
        and value.size > 0
    )


IMAGE: Final = Kind(_is_image, "RGB pixels, uint8 (height, width, 3)")
_PIXELS: Final = within(INTEGER, 0, int(MAX_COORDINATE))
_FRAMING: Final = of_type(Framing, "a Framing")

FACE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "score": SHARE,
        "tilt": FINITE,
        "landmarks": optional(Kind(_are_landmarks, f"Landmarks of numbers up to {MAX_COORDINATE:g}")),
        "uncertain_reason": optional(TEXT),
    }
)
"""Fields of a `Face`, beside those that `mien.drawing.base.LabeledFace` has."""

RESULT: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "source": TEXT,
        "width": _PIXELS,
        "height": _PIXELS,
        "frame": optional(INTEGER),
        "time": optional(FINITE),
        "image": optional(IMAGE),
        "framing": _FRAMING,
        "truncated": FLAG,
    }
)
"""Fields of a `Result`, except its faces."""
