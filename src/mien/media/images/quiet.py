"""Context managers that keep Pillow and OpenCV from writing to stderr about the files that they read."""

import ctypes
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, cast

from PIL import _imaging

_MODULE: Final = r"PIL\."
_FILTER: Final = ("ignore", None, Warning, re.compile(_MODULE), 0)
"""What `warnings.filterwarnings` adds."""

_SILENT: Final = 0
"""Log level of OpenCV."""


class _TiffErrors:
    """Where libtiff reports errors: to stderr, unless its handler is removed. Pillow has no function for it.

    The symbols of libtiff are found through Pillow's module; where they are not, nothing changes.
    """

    def __init__(self) -> None:
        self._set: Any = None
        self._handler: int | None = None
        with suppress(OSError, AttributeError):
            self._set = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
            self._set.argtypes, self._set.restype = [ctypes.c_void_p], ctypes.c_void_p

    def suppress(self) -> None:
        """Remove the handler."""
        if self._set is not None:
            self._handler = self._set(None)

    def restore(self) -> None:
        """Set the handler that was removed."""
        if self._set is not None:
            self._set(self._handler)


class _Quiet:
    """A context manager for many threads at once; the first adds the filter, the last removes it.

    `warnings.catch_warnings` is for one thread: it would undo the filters that others set meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._tiff: _TiffErrors | None = None

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._tiff = self._tiff or _TiffErrors()
                self._tiff.suppress()
            if warnings.filters[:1] != [_FILTER]:
                warnings.filterwarnings("ignore", module=_MODULE)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._tiff is not None:
                self._tiff.restore()
            if not self._inside and _FILTER in warnings.filters:
                cast(list[Any], warnings.filters).remove(_FILTER)


QUIET_PILLOW: Final = _Quiet()
"""Suppresses Pillow's warnings about malformed metadata, which doesn't affect the pixels, and what libtiff
writes to stderr; damage of the pixels is an error."""


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keep OpenCV from writing about damaged files to stderr; the errors raised report them."""
    import cv2

    logging = getattr(cv2.utils, "logging", cv2)  # OpenCV 4.12 has the functions in its main module
    level = logging.getLogLevel()
    logging.setLogLevel(_SILENT)
    try:
        yield
    finally:
        logging.setLogLevel(level)
