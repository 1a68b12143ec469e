"""`Face` and `Result`: the data that recognition returns and that every output takes.

A `Result` is one image, one frame of a video or one row of a data set. It holds its faces.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from mien.arguments import (
    INTEGER,
    NUMBER,
    TEXT,
    checked,
    of_type,
    optional,
    require,
    require_fields,
    tuple_of,
)
from mien.data_frame import data_frame
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.landmarks import Landmarks
from mien.drawing.base import require_labeled_face
from mien.errors import ImageError
from mien.recognition.columns import Cell, columns_of, rows_of
from mien.recognition.face_json import face_fields, face_to_dict, result_fields, result_to_dict
from mien.recognition.fields import FACE, RESULT
from mien.recognition.kept_image import NotJson, crops_of, html_of, kept_image
from mien.recognition.labeling import checked_probabilities, label_of

if TYPE_CHECKING:
    import pandas
    from PIL.Image import Image


@dataclass(frozen=True, repr=False)
class Face:
    """A face and its predicted expression.

    `Face.from_probabilities` derives the label, its confidence and whether it is uncertain.

    Attributes:
        box: Position in the image, in pixels.
        score: Confidence of the detector, 0 to 1; 1 for boxes that were provided.
        label: The most probable class.
        confidence: Probability of the label, 0 to 1.
        uncertain: Whether the label should not be relied on, because the box may not be an upright face or
            the confidence is below the confidence threshold.
        uncertain_reason: Why it is uncertain: "orientation" (the face is turned), "low detector score",
            "truncated image" or "low confidence", the first that applies; None if it is not uncertain.
            The first two don't apply to provided boxes and cropped faces, since no detector scored them.
        probabilities: Calibrated probability of each class, in the order of `classes`; their sum is 1.
        classes: Names of the classes.
        track: Number of the track in a video, from 1; None for images.
        tilt: Degrees by which the head is rotated clockwise in the image; the crop was rotated back by it.
        landmarks: Eyes, nose and mouth corners in pixels of the image; None if the detector has none.
    """

    box: Box
    score: float
    label: str
    confidence: float
    uncertain: bool
    probabilities: tuple[float, ...]
    classes: tuple[str, ...]
    track: int | None = None
    tilt: float = 0.0
    landmarks: Landmarks | None = None
    uncertain_reason: str | None = None

    def __post_init__(self) -> None:
        """Check the fields; four numbers become a `Box`.

        Raises:
            MienError: One has another type or range, or they don't fit each other.
        """
        if isinstance(self.box, tuple | list) and len(self.box) == len(Box._fields):
            object.__setattr__(self, "box", Box(*self.box))
        require_labeled_face(self)
        require_fields(self, FACE)

    @classmethod
    def from_probabilities(
        cls,
        box: Box,
        score: float,
        classes: Sequence[str],
        probabilities: Sequence[float],
        threshold: float = 0.0,
        track: int | None = None,
        *,
        tilt: float = 0.0,
        landmarks: Landmarks | None = None,
        doubt: str | None = None,
    ) -> Self:
        """Return a face with the most probable class as its label.

        Args:
            box: Position in the image, in pixels.
            score: Confidence of the detector, 0 to 1.
            classes: Names of the classes.
            probabilities: Probability of each class; the first of equal ones is the label.
            threshold: A face whose confidence is below this value is uncertain.
            track: Number of the track in a video.
            tilt: Degrees by which the head is rotated clockwise in the image.
            landmarks: Eyes, nose and mouth corners in pixels of the image.
            doubt: Why the box may not be an upright face; such a face is uncertain.

        Raises:
            MienError: An argument has another type or range, or there is not one probability for each class.
        """
        require("threshold", threshold, NUMBER)
        require("doubt", doubt, _DOUBT)
        values = checked_probabilities(probabilities, classes)
        found = label_of(values, classes, threshold, doubt)
        return cls(
            box, score, found.label, found.confidence, found.uncertain, values, tuple(classes),
            track=track, tilt=tilt, landmarks=landmarks, uncertain_reason=found.uncertain_reason,
        )  # fmt: skip

    def __repr__(self) -> str:
        parts = [f"{self.label} {self.confidence:.2f}"]
        parts += [f"uncertain: {self.uncertain_reason}"] if self.uncertain_reason else []
        parts += [f"box=({', '.join(f'{round(value, 1):g}' for value in self.box)})"]
        parts += [] if self.track is None else [f"track={self.track}"]
        return f"Face({', '.join(parts)})"

    def to_dict(self) -> dict[str, Any]:
        """Return the face as values that JSON can represent: pixels to one decimal, probabilities to five."""
        return face_to_dict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the face of a dictionary: the inverse of `to_dict`.

        Args:
            values: As `to_dict` returns them, for example from JSON. Unknown keys are ignored.

        Raises:
            MienError: A key is missing, or its value is not one that a face has.
        """
        return cls(**face_fields(values))


_DOUBT: Final = optional(TEXT)
_FACES: Final = tuple_of(of_type(Face, "a Face"), "a tuple of faces")


@dataclass(frozen=True, repr=False)
class Result:
    """The faces of one image, frame or row, from left to right.

    Attributes:
        source: Path or name of the image or video.
        width: Width of the image in pixels.
        height: Height of the image in pixels.
        faces: The faces; may be empty.
        frame: Number of the frame in a video, from 0; None for images.
        time: Seconds since the start of the video; None for images.
        image: RGB uint8 (height, width, 3), where it was kept; else None.
        framing: How a box becomes the square that was classified.
        truncated: The image file ends early, and what is missing of it was taken as gray.
    """

    source: str
    width: int
    height: int
    faces: tuple[Face, ...]
    frame: int | None = None
    time: float | None = None
    image: Annotated[NDArray[np.uint8] | None, NotJson] = field(default=None, compare=False)
    framing: Framing = field(default=Framing(), compare=False)
    truncated: bool = False

    def __post_init__(self) -> None:
        """Check the fields.

        Raises:
            MienError: One has another type or range.
        """
        require_fields(self, RESULT)
        require("Result: faces", self.faces, _FACES)

    def __repr__(self) -> str:
        at = "" if self.frame is None else f", frame {self.frame}"
        labels = ", ".join(f"{face.label} {face.confidence:.2f}" for face in self.faces) or "no faces"
        return f"Result({self.source!r}{at}, {self.width}x{self.height}: {labels})"

    def to_dict(self) -> dict[str, Any]:
        """Return the result, without its image, as values that JSON can represent."""
        return result_to_dict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the result of a dictionary: the inverse of `to_dict`. It has no image.

        Args:
            values: As `to_dict` returns them, for example from a line of JSON lines. Unknown keys are
                ignored.

        Raises:
            MienError: A key is missing, or its value is not one that a result has.
        """
        fields = result_fields(values)
        return cls(**fields | {"faces": tuple(map(Face.from_dict, fields["faces"]))})

    def to_json(self) -> str:
        """Return `to_dict` as one line of JSON.

        Bytes of a file name that are not UTF-8 stay lone surrogates, as Python represents them.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Return a row of `COLUMNS` and probabilities for each face, numbered from 1."""
        return rows_of(self)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a pandas data frame: a row for each face, with the columns of the CSV output.

        Raises:
            MissingExtraError: Pandas is not installed.
        """
        classes = self.faces[0].classes if self.faces else ()
        return data_frame(self.rows(), columns_of(classes))

    @checked(ImageError, size=optional(INTEGER))
    def crops(self, size: int | None = None) -> list[NDArray[np.uint8]]:
        """Return the face of each box in color, upright and framed as it was classified.

        Args:
            size: Side of the crops in pixels; that of each face in the image by default.

        Returns:
            A square, RGB uint8 (side, side, 3), for each face.

        Raises:
            ImageError: The result was made without keeping the image.
        """
        return crops_of(self, size)

    def plot(self) -> "Image":
        """Return the image with the box, label and probabilities of each face drawn in, as a Pillow image.

        Raises:
            ImageError: The result was made without keeping the image.
        """
        from PIL.Image import fromarray

        from mien.drawing import draw_faces

        return fromarray(draw_faces(kept_image(self), self.faces))

    def _repr_html_(self) -> str:
        """Return the image with its boxes for a notebook; text where the image was not kept."""
        return html_of(self)


def face_of(
    detection: Detection,
    classes: tuple[str, ...],
    probabilities: Sequence[float],
    threshold: float,
    track: int | None = None,
) -> Face:
    """Return the face of a detection as `Face.from_probabilities` does, without checks, for many faces.

    What detectors and bundles return is checked already (`findings`, `outputs`); the constructor would check
    every number again, which takes longer than the rest of it.
    """
    face = object.__new__(Face)
    values = tuple(probabilities)
    found = label_of(values, classes, threshold, detection.doubt)
    face.__dict__.update(
        box=detection.box, score=detection.score, label=found.label, confidence=found.confidence,
        uncertain=found.uncertain, probabilities=values, classes=classes, track=track, tilt=detection.tilt,
        landmarks=detection.landmarks, uncertain_reason=found.uncertain_reason,
    )  # fmt: skip
    return face


def top_two(face: Face) -> tuple[int, int]:
    """Return the positions in `classes` of the most probable class and of the second."""
    first, second = sorted(range(len(face.probabilities)), key=lambda at: -face.probabilities[at])[:2]
    return first, second
