"""What the bundles that ship are called; apart, so that a command line needs nothing heavy to say it."""

from typing import Final

DEFAULT: Final = "small"
"""The shipped bundle that is used unless another is asked for: the best trade of accuracy and speed."""
