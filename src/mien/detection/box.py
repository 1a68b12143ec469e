"""A rectangle in an image."""

from typing import NamedTuple

from mien.limits import MAX_COORDINATE


class Box(NamedTuple):
    """A rectangle in pixels of the upright image; it may reach over the border."""

    left: float
    top: float
    width: float
    height: float

    @property
    def is_valid(self) -> bool:
        """Whether it has an area, and numbers that an image can have: no NaN, none that overflow."""
        return self.width > 0 and self.height > 0 and all(abs(value) <= MAX_COORDINATE for value in self)
