"""Pictures with what was found drawn in, as files below a folder."""

import re
from pathlib import Path, PurePath
from types import TracebackType
from typing import Final, Self

from mien.drawing import draw_faces, write_annotated_image
from mien.media.origin import source_key
from mien.output.writers.output_paths import OutputPaths
from mien.recognition.face import Result

_UNFIT: Final = re.compile(r'[\x00-\x1f<>:"|?*\\\udc80-\udcff]')
"""What a file system may not take in a name."""

WRITTEN: Final = (".jpg", ".jpeg", ".png")
"""Suffixes that a drawing keeps; after others, and where there is none, it gets .png."""


class AnnotatedImageWriter:
    """Writes each picture, drawn on, below a folder, at the path that the picture itself has.

    `a/1.jpg` becomes `<folder>/a/1.jpg`, row 12 of `faces.csv` `<folder>/faces.csv#12.png`. Below the working
    directory the path is relative to that. The drawing of an earlier run is replaced; another
    file, such as the picture itself, never is: the drawing is then called as `OutputPaths` says.

    Args:
        places: Of the drawings; their folder is made where it is missing.
    """

    def __init__(self, places: OutputPaths) -> None:
        self._places = places

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Draw on a picture, and write it.

        Args:
            result: With its `image`.

        Raises:
            MienError: It can't be written there.
        """
        if result.image is None:
            raise ValueError("a result without its image can't be drawn")
        place = self._places.path_for(result.source, annotated_path(result))
        write_annotated_image(place, draw_faces(result.image, result.faces), source_key(result.source))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing: each drawing is whole."""


def annotated_path(result: Result) -> PurePath:
    """Return where the drawing of a result belongs, below the folder of all drawings."""
    source = Path(result.source)
    if source.is_absolute() and source.is_relative_to(Path.cwd()):
        source = source.relative_to(Path.cwd())
    frame = "" if result.frame is None else f"-{result.frame:06d}"
    parts = [
        "up" if part == ".." else _UNFIT.sub("_", part) for part in source.parts if part != source.anchor
    ]
    path = PurePath(*parts or ["picture"])
    suffix = path.suffix if path.suffix.lower() in WRITTEN else ".png"
    return path.with_name(path.name.removesuffix(suffix) + frame + suffix)
