"""Items to recognize: `find_inputs` makes them of the arguments of a command, the pipeline takes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mien.errors import MienError
from mien.text import one_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.media.images.reading import ImageLike


Wanted = Callable[[str], bool]
"""Returns whether an input is requested, given its name; it is called once for each, before it is opened."""


def every_source(_: str) -> bool:
    """Request all inputs."""
    return True


@dataclass(frozen=True, eq=False)
class ImageItem:
    """One image, not yet read.

    Attributes:
        source: Its path or name, in results and messages.
        content: Its path, its encoded bytes, or its pixels.
        bgr: The channels of pixels are in OpenCV's order.
    """

    source: str
    content: "ImageLike"
    bgr: bool = False


@dataclass(frozen=True)
class FaceTable:
    """A data set of cropped faces, not yet read; no detector runs on its rows.

    Attributes:
        source: As `mien.data.read_source` takes it.
        wanted: Which of its rows are requested, by their names.
    """

    source: str
    wanted: Wanted = field(default=every_source, compare=False)


@dataclass(frozen=True, eq=False)
class FaceRows:
    """Cropped faces.

    Attributes:
        sources: Names of the n faces.
        faces: uint8, (n, size, size) or (n, size, size, 3).
    """

    sources: Sequence[str]
    faces: "NDArray[np.uint8]"

    def __len__(self) -> int:
        return len(self.sources)

    def where(self, mask: Sequence[bool]) -> "FaceRows":
        """Return the rows where `mask`, (n,), is true."""
        if all(mask):  # no copy of faces that are mapped from a file
            return self
        left = [position for position, wanted in enumerate(mask) if wanted]
        return FaceRows([self.sources[position] for position in left], self.faces[left])


@dataclass(frozen=True)
class VideoItem:
    """A video.

    Attributes:
        source: Path of a file, address of a stream, or number of a webcam.
    """

    source: str | int


@dataclass(frozen=True)
class Failure:
    """An item that could not be read.

    Attributes:
        source: Its path or name.
        message: The reason, in one line that names it.
    """

    source: str
    message: str

    def __post_init__(self) -> None:
        """Make line breaks and control characters of names visible, as errors do."""
        object.__setattr__(self, "message", one_line(self.message))

    @classmethod
    def of(cls, source: str, error: MienError) -> "Failure":
        """Return the failure that an error describes, with the name of the item in its message."""
        from mien.media.images.reading import UNNAMED

        text = str(error).removeprefix(f"{UNNAMED}: ")
        return cls(source, text if text.startswith(source) else f"{source}: {text}")


Item = ImageItem | FaceTable | VideoItem | Failure
"""An item of the inputs of a command."""
