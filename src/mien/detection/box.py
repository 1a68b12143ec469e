"""A rectangle in an image."""

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in pixels of the upright image; it may reach over the border."""

    left: float
    top: float
    width: float
    height: float
