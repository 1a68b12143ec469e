"""Live view of a video in a window, if the installed OpenCV supports windows."""

import os
import re
import sys
from types import TracebackType
from typing import Final, Self

import cv2

from mien.drawing import draw_faces
from mien.recognition.face import Result

TITLE: Final = "mien"


class WindowView:
    """Shows the annotated frames.

    Attributes:
        ended: Whether q or Escape was pressed or the window closed.
    """

    paced = True

    def __init__(self) -> None:
        self.ended = False

    def __enter__(self) -> Self:
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)
        return self

    def write(self, result: Result) -> None:
        """Show one frame.

        Args:
            result: With its `image`.
        """
        if result.image is None:
            raise ValueError("the view needs the image of the result")
        cv2.imshow(TITLE, cv2.cvtColor(draw_faces(result.image, result.faces), cv2.COLOR_RGB2BGR))
        key = cv2.waitKey(1) & 0xFF
        closed = cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1
        self.ended = self.ended or closed or key in (ord("q"), 27)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        cv2.destroyAllWindows()


def has_windows() -> bool:
    """Return whether OpenCV supports windows and there is a screen.

    Some builds end the whole process if there is no screen, so opening a window is not tried.
    """
    gui = re.search(r"^\s*GUI:\s*(\S+)", cv2.getBuildInformation(), re.MULTILINE)
    if gui is None or gui[1] == "NONE":
        return False
    return sys.platform != "linux" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))
