"""The boxes of a video: of each frame, or of all frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mien.detection.base import Detection


@dataclass(frozen=True)
class FrameBoxes:
    """The faces of a video.

    Attributes:
        everywhere: Faces that are in all frames.
        frames: Further faces by the number of the frame, from 0; other frames have none.
    """

    everywhere: Sequence[Detection] = ()
    frames: Mapping[int, Sequence[Detection]] = field(default_factory=dict)

    def of(self, number: int) -> list[Detection]:
        """Return the faces of a frame."""
        return [*self.everywhere, *self.frames.get(number, ())]

    @property
    def last(self) -> int | None:
        """The highest number of a frame that has an entry."""
        return max(self.frames, default=None)
