"""A text file with one line per face: source, tab, label."""

from mien.output.writers.text import TextWriter
from mien.recognition.face import Result


class LabelWriter(TextWriter):
    """Writes the label of each face."""

    title = "label list"
    endings = (".labels",)

    def encode(self, result: Result, *, first: bool) -> bytes:
        """Return the lines of an image; every face has one."""
        return "".join(f"{result.source}\t{face.label}\n" for face in result.faces).encode()
