"""Annotated images: the faces of each image drawn in, as files below a folder."""

from pathlib import PurePath
from types import TracebackType
from typing import Self

from mien.drawing import draw_faces, write_annotated_image
from mien.media.origin import FORMATS, source_key
from mien.output.writers.output_paths import OutputPaths
from mien.output.writers.source_names import SourceNames
from mien.recognition.face import Result


class AnnotatedImageWriter:
    """Writes each annotated image below a folder, with the shortest name that distinguishes its source.

    Row 12 of `faces.csv` becomes `<folder>/faces.csv#12.png`. An annotated image of an earlier run is
    replaced. No other file, such as the image itself, is replaced: `OutputPaths` chooses another name.

    Args:
        paths: Chooses the files; their folder is created if it does not exist.
    """

    def __init__(self, paths: OutputPaths) -> None:
        self._paths = paths

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Draw and write one image.

        Args:
            result: With its `image`.

        Raises:
            MienError: The file can't be written.
        """
        if result.image is None:
            raise ValueError("drawing needs the image of the result")
        path = self._paths.path_for(result.source, annotated_path(result, self._paths.names))
        write_annotated_image(path, draw_faces(result.image, result.faces), source_key(result.source))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing: each image is complete."""


def annotated_path(result: Result, names: SourceNames) -> PurePath:
    """Return the preferred path of an annotated image, relative to the folder.

    It keeps the endings .jpg, .jpeg and .png; any other path gets the ending .png.
    """
    path = names.name(result.source)
    frame = "" if result.frame is None else f"-{result.frame:06d}"
    suffix = path.suffix if path.suffix.lower() in FORMATS else ".png"
    return path.with_name(path.name.removesuffix(suffix) + frame + suffix)
