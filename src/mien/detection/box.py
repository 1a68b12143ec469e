"""A rectangle in an image: what detectors return and faces carry."""

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in pixels of the picture as a person sees it; it may reach over the border."""

    left: float
    top: float
    width: float
    height: float
