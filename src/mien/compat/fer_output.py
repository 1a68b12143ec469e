"""What `Video.analyze` of fer shows and saves: a window, the annotated video, and its frames as JPEG."""

import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.compat.errors import UnimplementedError
from mien.detection.box import Box
from mien.drawing import draw_faces
from mien.files.writing import replacing, write_bytes
from mien.media.video.kinds import KINDS
from mien.media.video.source import Frame
from mien.output.live.window import WindowView, has_windows
from mien.output.writers.video import VideoWriter
from mien.recognition.face import Face, Result

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {},
    "de": {
        "angry": "Wutend", "disgust": "der Ekel", "fear": "Furcht", "happy": "Glucklich", "sad": "Traurig",
        "surprise": "Uberraschung", "neutral": "Neutral",
    },
    "tr": {
        "angry": "Kizgin", "disgust": "Igrenme", "fear": "Korku", "happy": "Mutluluk", "sad": "Uzuntu",
        "surprise": "Saskinlik", "neutral": "Notr",
    },
}  # fmt: skip
"""The translations of labels in fer, in ASCII."""

ARCHIVE: Final = "images.zip"


@dataclass(frozen=True)
class OutputOptions:
    """What is shown and saved of a video.

    Attributes:
        folder: Folder of the outputs.
        source: The video.
        prefix: Start of the names of the frames; the name of the video if None.
        display: Show a window.
        frames: Save the frames.
        video: Save the video.
        sound: Save a video with the sound of the source.
        annotate: Draw the faces.
        zipped: Save the frames in one archive.
        language: Of the labels, one of `LANGUAGES`.
    """

    folder: Path
    source: Path
    prefix: str | None
    display: bool
    frames: bool
    video: bool
    sound: bool
    annotate: bool
    zipped: bool
    language: str

    def video_path(self, suffix: str = "") -> Path:
        """Return the path of the saved video; MP4 where mien can't write the kind of the source."""
        ending = self.source.suffix if self.source.suffix.lower() in KINDS else ".mp4"
        return self.folder / f"{self.source.stem}_output{suffix}{ending}"


class FrameOutput:
    """Shows and saves the frames of a video, as a context manager.

    Args:
        options: What is shown and saved.

    Raises:
        UnimplementedError: A window is requested, and there is none.
        MienError: An output can't be written.
    """

    def __init__(self, options: OutputOptions) -> None:
        if options.display and not has_windows():
            raise UnimplementedError(
                "display: needs a screen, and an OpenCV with windows (opencv-python instead of "
                "opencv-python-headless)"
            )
        self._options = options
        self._stack = ExitStack()
        self._views: list[VideoWriter | WindowView] = []
        self._archive: zipfile.ZipFile | None = None

    @property
    def ended(self) -> bool:
        """Whether the window was closed, or q was pressed in it."""
        return any(isinstance(view, WindowView) and view.ended for view in self._views)

    def __enter__(self) -> Self:
        options = self._options
        if options.video:
            self._views.append(VideoWriter(options.video_path()))
        if options.sound:
            self._views.append(VideoWriter(options.video_path("_audio"), sound=options.source))
        if options.display:
            self._views.append(WindowView())
        with ExitStack() as stack:
            for view in self._views:
                stack.enter_context(view)
            if options.frames and options.zipped:
                path = stack.enter_context(replacing(options.folder / ARCHIVE))
                self._archive = stack.enter_context(zipfile.ZipFile(path, "w"))
            self._stack = stack.pop_all()
        return self

    def write(self, frame: Frame, faces: Sequence[Mapping[str, Any]]) -> None:
        """Show and save one frame.

        Args:
            frame: The frame, RGB.
            faces: Its faces as `FER.detect_emotions` returns them, in pixels of the frame.
        """
        if not (self._views or self._options.frames):
            return
        image = frame.image
        if self._options.annotate:
            image = draw_faces(image, [_labeled(face, LANGUAGES[self._options.language]) for face in faces])
        height, width = image.shape[:2]
        result = Result(
            str(self._options.source), width, height, (), frame=frame.number, time=frame.time, image=image
        )
        for view in self._views:
            view.write(result)
        if self._options.frames:
            self._save(frame.number, image)

    def _save(self, number: int, image: NDArray[np.uint8]) -> None:
        prefix = self._options.source.stem if self._options.prefix is None else self._options.prefix
        name, content = f"{prefix}{number}.jpg", BytesIO()
        Image.fromarray(image).save(content, "JPEG", quality=95)
        if self._archive is None:
            write_bytes(self._options.folder / name, content.getvalue())
        else:
            self._archive.writestr(name, content.getvalue())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def draw_annotations(
    frame: NDArray[np.uint8],
    faces: Sequence[Mapping[str, Any]],
    boxes: bool = True,
    scores: bool = True,
    color: tuple[int, int, int] = (0, 155, 255),
    lang: str = "en",
    size_multiplier: float = 1,
) -> NDArray[np.uint8]:
    """Return a frame with its faces drawn in, as `fer.utils.draw_annotations`.

    Args:
        frame: BGR uint8 (height, width, 3); it is not changed.
        faces: As `FER.detect_emotions` returns them.
        boxes: Draw the faces; without boxes and scores, the frame is returned.
        scores: As `boxes`: mien draws both or nothing.
        color: Has no effect: the color is that of the expression.
        lang: Language of the labels: "en", "de" or "tr".
        size_multiplier: Has no effect: labels fit the faces.

    Raises:
        UnimplementedError: There are no labels in this language.
    """
    require_language(lang)
    if not (len(faces) and (boxes or scores)):
        return frame
    drawn = draw_faces(
        np.ascontiguousarray(frame[:, :, ::-1]), [_labeled(face, LANGUAGES[lang]) for face in faces]
    )
    return np.ascontiguousarray(drawn[:, :, ::-1])


def require_language(lang: object) -> None:
    """Check that fer has labels in a language.

    Raises:
        UnimplementedError: It has none.
    """
    if lang not in LANGUAGES:
        raise UnimplementedError(f"lang {lang!r}: expected one of {', '.join(LANGUAGES)}")


def _labeled(face: Mapping[str, Any], words: Mapping[str, str]) -> Face:
    emotions = {words.get(name, name): share for name, share in face["emotions"].items()}
    return Face.from_probabilities(Box(*face["box"]), 1.0, tuple(emotions), tuple(emotions.values()))
