"""Bounds on what is read: against files that would fill the memory, and against mistakes in options."""

from typing import Final

MAX_PIXELS: Final = 64_000_000
"""Pixels of an image. An image of more is not decoded; it would take hundreds of megabytes."""

MAX_FACE_BYTES: Final = 64 << 20
"""Bytes of an encoded image of a data set."""

MAX_ARRAY_BYTES: Final = 4 << 30
"""Bytes of an array of images: over a million faces of 48x48 pixels."""

MAX_STREAM_BYTES: Final = 512 << 20
"""Bytes that are read from a pipe or an open file, whose size is unknown."""

MAX_CLASSES: Final = 1000
"""Classes of a data set."""

FACE_SIZES: Final = range(8, 513)
"""Sides of a face, in pixels, in which a data set can be read."""

INPUT_SIZES: Final = range(24, 225)
"""Sides of a network's input in pixels."""

CHANNELS: Final = (1, 3)
"""Channels of a face: gray or RGB."""
