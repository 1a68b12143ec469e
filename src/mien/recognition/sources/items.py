"""What there is to look at, one by one: `sources` makes these of words, the pipeline takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.media.images.reading import ImageLike


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture, not yet read.

    Attributes:
        source: Its path or name, as results and messages have it.
        content: Where it lies, its encoded bytes, or its pixels.
        bgr: Its pixels, if they are given as an array, are in OpenCV's order.
    """

    source: str
    content: "ImageLike"
    bgr: bool = False


@dataclass(frozen=True)
class FaceTable:
    """A set of faces, not yet read: each row is one whole face, nothing is searched for in it.

    Attributes:
        source: What `mien.data.read_source` reads.
    """

    source: str


@dataclass(frozen=True, eq=False)
class Rows:
    """Whole faces.

    Attributes:
        sources: Names of the n faces.
        faces: uint8, (n, side, side), gray.
    """

    sources: Sequence[str]
    faces: "NDArray[np.uint8]"

    def __len__(self) -> int:
        return len(self.sources)

    def of(self, mask: Sequence[bool]) -> "Rows":
        """Return those where `mask`, (n,), is true."""
        if all(mask):  # no copy of what may be mapped from a file
            return self
        left = [position for position, wanted in enumerate(mask) if wanted]
        return Rows([self.sources[position] for position in left], self.faces[left])


@dataclass(frozen=True)
class Video:
    """A video.

    Attributes:
        source: Path of a file, address of a stream, or number of a webcam.
    """

    source: str | int


@dataclass(frozen=True)
class Failure:
    """What could not be read.

    Attributes:
        source: Its path or name.
        message: What is wrong with it, in one line that names it.
    """

    source: str
    message: str


Item = Picture | FaceTable | Video | Failure
"""What the words of a command line stand for."""
