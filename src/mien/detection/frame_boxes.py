"""Boxes that are provided for a video: of each frame, or of all frames."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mien.detection.base import Detection
from mien.detection.boxes import detections_of
from mien.errors import DetectorError

VideoBoxes = Iterable[Sequence[float]] | Mapping[int, Iterable[Sequence[float]]]
"""Left, top, width, height of each face, the same in all frames; or such boxes by the number of the frame."""


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


def frame_boxes(boxes: VideoBoxes) -> FrameBoxes:
    """Return provided boxes as detections, with a score of 1.

    Raises:
        DetectorError: One of them isn't a box, or a key isn't the number of a frame.
    """
    if not isinstance(boxes, Mapping):
        return FrameBoxes(detections_of(boxes))
    for number in boxes:
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise DetectorError(f"boxes, frame {number!r}: expected the number of a frame, from 0")
    return FrameBoxes(
        frames={number: detections_of(some, f"boxes, frame {number}") for number, some in boxes.items()}
    )
