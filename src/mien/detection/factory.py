"""The entrance: a detector by its name."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2

from mien.detection.base import Detector
from mien.detection.download import fetch_yunet
from mien.detection.haar import Haar
from mien.detection.whole import Whole
from mien.detection.yunet import YuNet, read_yunet
from mien.errors import DetectorError

DETECTORS: Final = ("auto", "yunet", "haar", "whole")


def make_detector(
    name: str = "auto", *, model: Path | None = None, offline: bool = False, notice: Callable[[str], None]
) -> Detector:
    """Return the detector called `name`.

    Args:
        name: "yunet", "haar", "whole" (each picture is a face already), or "auto": yunet where
            its file is at hand or can be had, else haar.
        model: File of YuNet; None takes `$MIEN_YUNET`, the cache, or a download.
        offline: Don't download.
        notice: Told, in one line, of a download, and of "auto" taking haar.

    Raises:
        DetectorError: Another name; a file that was named is missing or no YuNet; or "yunet" was
            asked for by name and can't be had.
    """
    if name not in DETECTORS:
        raise DetectorError(f"no detector {name!r}; expected {', '.join(DETECTORS)}")
    if model is not None and name not in ("auto", "yunet"):
        raise DetectorError(f"{model}: a detector model is for yunet, not for {name}; leave one of them out")
    if name == "whole":
        return Whole()
    if name == "haar":
        return Haar()
    named = model or os.environ.get("MIEN_YUNET")
    if named:  # what somebody chose doesn't silently become something else
        return read_yunet(Path(named).expanduser())
    return _yunet_or_haar(name, offline=offline, notice=notice)


def _yunet_or_haar(name: str, *, offline: bool, notice: Callable[[str], None]) -> Detector:
    """YuNet, or for "auto" haar with a short notice; the error of a "yunet" tells all that is known."""
    problem = "no YuNet here, and " + ("offline" if offline else "it can't be downloaded")
    try:
        content = fetch_yunet(offline=offline, notice=notice)
        problem = f"OpenCV {cv2.__version__} can't run the file of YuNet"
        return YuNet(content)
    except DetectorError:
        if name == "yunet":
            raise
        notice(
            f"haar finds the faces and misses more than yunet would ({problem}); "
            "see mien predict --help under --detector-model"
        )
        return Haar()
