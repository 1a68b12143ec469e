"""Readers: from a source of faces in any of its formats to one FaceSet."""

from mien.data.reading import BadRow, Reading
from mien.data.sources import read_faces, read_source

__all__ = ["BadRow", "Reading", "read_faces", "read_source"]
