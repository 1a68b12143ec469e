"""Readers: from a source of faces in any of its formats to one FaceSet."""

from typing import TYPE_CHECKING

from mien.lazy import lazy_names

if TYPE_CHECKING:
    from mien.data.reading import BadRow, Reading
    from mien.data.sources import read_faces, read_source

__all__ = ["BadRow", "Reading", "read_faces", "read_source"]

__getattr__ = lazy_names(
    __name__,
    dict.fromkeys(("BadRow", "Reading"), "mien.data.reading")
    | dict.fromkeys(("read_faces", "read_source"), "mien.data.sources"),
)
