"""Readers of data sets, one file per format. A new reader is one file and one line in `READERS`."""

from typing import TYPE_CHECKING, Final

from mien.errors import DataError
from mien.registry import Registry

if TYPE_CHECKING:
    from mien.data.readers.base import Reader

READERS: "Final[Registry[Reader]]" = Registry(
    "mien.readers",
    {
        "fer2013": "mien.data.readers.fer2013_csv:FER2013",
        "icml": "mien.data.readers.fer2013_csv:ICML",
        "competition-train": "mien.data.readers.fer2013_csv:COMPETITION_TRAIN",
        "competition-test": "mien.data.readers.fer2013_csv:COMPETITION_TEST",
        "manifest": "mien.data.readers.manifest:MANIFEST",
        "raf-db": "mien.data.readers.raf_db:RAF_DB",
        "arrays": "mien.data.readers.arrays:ARRAYS",
        "image-folder": "mien.data.readers.image_tree:IMAGE_FOLDER",
    },
    noun="reader",
    error=DataError,
)
"""Readers by name. Those of installed packages are tried first, then these in this order."""
