import math

import pytest

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.findings import checked_detections
from mien.detection.selection import SelectingDetector, Selection
from mien.detection.whole import WholeImage
from mien.errors import DetectorError

BOX = Box(1, 2, 30.0, 40.0)


def test_detections_are_returned_as_they_are() -> None:
    found = [Detection(BOX, 0.5, landmarks=((1, 2),) * 5), Detection(Box(-5, -5, 1, 1), 1)]
    assert checked_detections(found, "x") is found
    assert checked_detections([], "x") == []


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "a value of type NoneType, expected a list of Detection"),
        ("faces", "a value of type str"),
        (iter(()), "a value of type .*iterator"),
        ([BOX], "a list of Box, expected"),
        ([Detection(Box(1, 2, math.nan, 4), 1)], "1, 2, nan, 4, 1, 0, expected finite numbers"),
        ([Detection(Box(1, 2, math.inf, 4), 1)], "expected finite numbers"),
        ([Detection(BOX, math.nan)], "expected finite numbers"),
        ([Detection(BOX, 1, tilt=math.inf)], "expected finite numbers"),
        ([Detection(BOX, 1, landmarks=((math.nan, 0),) * 5)], "expected finite numbers"),
        ([Detection(BOX, None)], "expected finite numbers"),  # type: ignore[arg-type]
        ([Detection((1, 2, 3), 1)], "expected finite numbers"),  # type: ignore[arg-type]
        ([Detection(Box(1, 2, 0, 4), 1)], "the box 1, 2, 0, 4, which has no area"),
        ([Detection(Box(1, 2, 5, -4), 1)], "which has no area"),
    ],
)
def test_anything_else_names_the_detector(found: object, message: str) -> None:
    with pytest.raises(DetectorError, match=f"detector mine: returned .*{message}"):
        checked_detections(found, "mine")


@pytest.mark.parametrize("any_orientation", [False, True])
def test_any_detector_is_checked(monkeypatch: pytest.MonkeyPatch, any_orientation: bool) -> None:
    import numpy as np

    monkeypatch.setattr(WholeImage, "detect", lambda *_: [Detection(Box(0, 0, math.nan, 1), 1)])
    detector = SelectingDetector(WholeImage(), Selection(any_orientation=any_orientation))
    with pytest.raises(DetectorError, match="detector whole: returned 0, 0, nan"):
        detector.detect(np.zeros((9, 9, 3), np.uint8))
