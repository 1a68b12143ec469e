"""The name of the default bundle, in a module without imports so that command lines stay light."""

from typing import Final

DEFAULT: Final = "small"
"""The shipped bundle that is used by default: the best trade-off of accuracy and speed."""
