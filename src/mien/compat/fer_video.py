"""`Video` of fer 25.10.3: the faces of each frame of a video, an annotated video and its frames."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.arguments import FLAG, INTEGER, NUMBER, PATH, checked, of_type, optional, within
from mien.compat.errors import InvalidVideo, UnimplementedError
from mien.compat.fer_output import FrameOutput, OutputOptions, require_language
from mien.compat.fer_tables import Faces, first_face, rows_of, to_frame, write_rows
from mien.errors import ImageError
from mien.media.video.capture import video_info
from mien.media.video.frames import read_frames
from mien.media.video.source import Frame

if TYPE_CHECKING:
    import pandas

OUTPUTS: Final = ("csv", "pandas")
CSV: Final = "data.csv"
"""The file in the working folder that `analyze` writes, as in fer."""

_COUNT: Final = optional(within(NUMBER, 1, 1e9))
_log = logging.getLogger("mien")


class Detects(Protocol):
    """What `Video.analyze` needs of `mien.compat.fer.FER`."""

    def detect_emotions(self, img: NDArray[np.uint8], /) -> list[dict[str, Any]]:
        """Return the faces of an image in BGR."""
        ...


class Video:
    """A video file whose faces are recognized frame by frame, as `fer.Video`.

    Args:
        video_file: Its path.
        outdir: Folder of the annotated video and of the frames; made when it is needed.
        first_face_only: `to_pandas` returns the first face of each frame only.
        tempfile: Has no effect: mien writes each file under another name until it is complete.

    Raises:
        InvalidVideo: There is no such file.
    """

    @checked(InvalidVideo, video_file=PATH, outdir=PATH, first_face_only=FLAG)
    def __init__(
        self,
        video_file: str | os.PathLike[str],
        outdir: str | os.PathLike[str] = "output",
        first_face_only: bool = True,
        tempfile: str | None = None,
    ) -> None:
        if not Path(video_file).is_file():
            raise InvalidVideo(f"Video file not found at {Path(video_file).absolute()}")
        self.filepath, self.outdir = os.fspath(video_file), os.fspath(outdir)
        self.filename = Path(video_file).name
        self.first_face_only, self.tempfile = first_face_only, tempfile

    @checked(
        UnimplementedError, display=FLAG, frequency=_COUNT, max_results=_COUNT, save_fps=_COUNT,
        save_frames=FLAG, save_video=FLAG, annotate_frames=FLAG, zip_images=FLAG, include_audio=FLAG,
        size_multiplier=NUMBER, batch_size=INTEGER, use_async_io=FLAG,
        detection_box=optional(of_type(Mapping, "a dict with x_min, x_max, y_min and y_max")),
    )  # fmt: skip
    def analyze(
        self,
        detector: Detects,
        display: bool = False,
        output: str = "csv",
        frequency: int | None = None,
        max_results: int | None = None,
        save_fps: float | None = None,
        video_id: str | None = None,
        save_frames: bool = True,
        save_video: bool = True,
        annotate_frames: bool = True,
        zip_images: bool = True,
        detection_box: Mapping[str, int] | None = None,
        lang: str = "en",
        include_audio: bool = False,
        size_multiplier: float = 1,
        batch_size: int = 1,
        use_async_io: bool = True,
    ) -> "list[dict[str, Any]] | pandas.DataFrame":
        """Recognize the faces of each frame.

        By default it also writes `data.csv` in the working folder and, in `outdir`, the annotated video
        (NAME_output.mp4) and the annotated frames (images.zip), as fer does.

        Args:
            detector: A `mien.compat.fer.FER`.
            display: Show the frames in a window; q ends the analysis.
            output: "csv": write data.csv and return its rows; "pandas": return a data frame.
            frequency: Analyze each n-th frame only.
            max_results: End after this many frames.
            save_fps: Analyze about this many frames per second, instead of `frequency`.
            video_id: Start of the names of the frames; the name of the video by default.
            save_frames: Save the frames as JPEG.
            save_video: Save the annotated video; its kind is that of the video, or MP4.
            annotate_frames: Draw the faces into the saved and shown frames.
            zip_images: Save the frames in one images.zip.
            detection_box: The part of the frames that is analyzed, in pixels.
            lang: Language of the drawn labels: "en", "de" or "tr".
            include_audio: Save a second video with the sound, NAME_output_audio.mp4.
            size_multiplier: Has no effect: labels fit the faces.
            batch_size: Has no effect.
            use_async_io: Has no effect.

        Returns:
            A row for each frame with a face: "box0", "angry0", ... of its first face, "box1", ... of the
            next. As a data frame, see `to_pandas`.

        Raises:
            InvalidVideo: It can't be read.
            UnimplementedError: An argument is out of range.
            MissingExtraError: `output` is "pandas", and pandas is not installed.
            MienError: An output can't be written, or there is no screen to display frames on.
        """
        if output not in OUTPUTS:
            raise UnimplementedError(f"output {output!r}: expected one of {', '.join(OUTPUTS)}")
        require_language(lang)
        options = OutputOptions(
            folder=Path(self.outdir), source=Path(self.filepath), prefix=video_id, display=display,
            frames=save_frames, video=save_video, sound=include_audio, annotate=annotate_frames,
            zipped=zip_images, language=lang,
        )  # fmt: skip
        found = []
        with FrameOutput(options) as saved:
            for frame in islice(self._frames(frequency, save_fps), _whole(max_results)):
                image, faces = _analyzed(frame.image, detector, detection_box)
                saved.write(frame._replace(image=image), _moved(faces, detection_box, -1))
                if faces:
                    found.append(faces)
                if saved.ended:
                    break
        return self.to_format(found, output)

    def to_format(self, data: Sequence[Faces], format: str) -> "list[dict[str, Any]] | pandas.DataFrame":  # noqa: A002
        """Return `to_csv` or `to_pandas` of the faces of each frame."""
        return self.to_csv(data) if format == "csv" else self.to_pandas(data)

    def to_csv(self, data: Sequence[Any], filename: str = CSV) -> list[dict[str, Any]]:
        """Write the faces of each frame, or the rows of `analyze`, as CSV, and return the rows.

        Raises:
            MienError: It can't be written.
        """
        rows = rows_of(data)
        write_rows(Path(filename), rows)
        return rows

    def to_pandas(self, data: "Sequence[Any] | pandas.DataFrame") -> "pandas.DataFrame":
        """Return the rows of `analyze` as a pandas data frame.

        With `first_face_only`, it has the columns "box", "angry", ...; otherwise "box0", "angry0", ...

        Raises:
            MissingExtraError: Pandas is not installed.
        """
        frame = data if hasattr(data, "columns") else to_frame(rows_of(data))
        return first_face(frame) if self.first_face_only else frame

    @staticmethod
    def get_first_face(df: "pandas.DataFrame") -> "pandas.DataFrame":
        """Return the columns of the first face without their number."""
        return first_face(df)

    @staticmethod
    def get_emotions(df: "pandas.DataFrame") -> "pandas.DataFrame":
        """Return all columns but the boxes."""
        return df[[name for name in df.columns if "box" not in name]]

    @staticmethod
    def get_max_faces(data: Sequence[Faces]) -> int:
        """Return the largest number of faces in a frame."""
        return max(map(len, data), default=0)

    def _frames(self, frequency: float | None, save_fps: float | None) -> Iterator[Frame]:
        try:
            step = frequency or 1
            if save_fps is not None:
                step = video_info(self.filepath).fps // save_fps
            yield from read_frames(self.filepath, every=max(1, int(step)), notice=_log.warning)
        except ImageError as error:
            raise InvalidVideo(str(error)) from error


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _analyzed(
    image: NDArray[np.uint8], detector: Detects, part: Mapping[str, int] | None
) -> tuple[NDArray[np.uint8], list[dict[str, Any]]]:
    """Return the analyzed part of an RGB image, and its faces in pixels of the whole image."""
    if part is not None:
        rows = slice(part.get("y_min"), part.get("y_max"))
        image = image[rows, part.get("x_min") : part.get("x_max")]
        if not image.size:
            raise UnimplementedError("detection_box: outside of the frames")
    faces = detector.detect_emotions(np.ascontiguousarray(image[:, :, ::-1]))
    return image, _moved(faces, part, 1)


def _moved(faces: list[dict[str, Any]], part: Mapping[str, int] | None, sign: int) -> list[dict[str, Any]]:
    """Return faces moved by the position of a part of the image, or back if `sign` is -1."""
    if part is None:
        return faces
    right, down = sign * (part.get("x_min") or 0), sign * (part.get("y_min") or 0)
    return [
        face | {"box": (face["box"][0] + right, face["box"][1] + down, *face["box"][2:])} for face in faces
    ]
