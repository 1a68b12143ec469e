"""Webcams, read through OpenCV."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import ImageError
from mien.media.images.quiet import quiet_opencv
from mien.media.video.source import RawFrame, VideoInfo, name_of, plausible_rate


class Camera:
    """An opened webcam; see `mien.media.video.source.OpenVideo`.

    Args:
        number: Of the webcam, from 0.

    Raises:
        ImageError: It can't be opened.
    """

    def __init__(self, number: int) -> None:
        self.damaged = 0
        name = name_of(number)
        with quiet_opencv():
            self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise ImageError(
                f"webcam {number} can't be opened; connect it, close other programs that use it and allow "
                "access to it, or give another number, a video file or the address of a stream"
            )
        rate = plausible_rate(self._capture.get(cv2.CAP_PROP_FPS))
        self.info = VideoInfo(name, rate, None, live=True)

    def frames(self) -> Iterator[RawFrame]:
        """Yield frames until the webcam is disconnected."""
        while self._capture.grab():
            yield RawFrame(None, self._rgb)

    def seek(self, seconds: float) -> None:
        """Do nothing: a webcam has no other position."""

    def close(self) -> None:
        """Release the webcam."""
        self._capture.release()

    def _rgb(self) -> NDArray[np.uint8]:
        read, image = self._capture.retrieve()
        if not read:
            raise ImageError(f"{self.info.name}: a frame can't be read")
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
