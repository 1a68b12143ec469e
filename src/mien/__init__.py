"""mien: facial expression recognition on FER2013, from the source file to a measured model.

    import mien

    recognizer = mien.load()
    for face in recognizer("photo.jpg"):
        print(face.label, face.confidence, face.box)

What this module offers is imported when it is first asked for, so that `import mien` costs nothing.
"""

from typing import TYPE_CHECKING, Final

from mien.lazy import lazy_names

if TYPE_CHECKING:
    from mien.drawing.drawing import draw
    from mien.recognition.face import Face, Result
    from mien.recognition.load import load
    from mien.recognition.recognizer import Recognizer

__all__ = ["Face", "Recognizer", "Result", "__version__", "draw", "load"]

__version__ = "0.1.0"

_HOMES: Final = {
    "Face": "mien.recognition.face",
    "Recognizer": "mien.recognition.recognizer",
    "Result": "mien.recognition.face",
    "draw": "mien.drawing.drawing",
    "load": "mien.recognition.load",
}


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
