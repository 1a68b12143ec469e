import cv2
import numpy as np
import pytest

from face_patterns import patterns
from mien.auditing.quality import MEASURES, measured

IMAGE = patterns(1)[0]
SMALL = cv2.resize(IMAGE, (9, 9), interpolation=cv2.INTER_AREA)

BAD = {
    "blank": np.full((48, 48), 90, np.uint8),
    "partly blank": np.where(np.arange(48)[:, None] < 24, IMAGE, 90).astype(np.uint8),
    "dark": (IMAGE * 0.1).astype(np.uint8),
    "overexposed": (235 + IMAGE * 0.08).astype(np.uint8),
    "blurred": cv2.GaussianBlur(IMAGE, (0, 0), 5),
    "low resolution": cv2.resize(SMALL, (48, 48), interpolation=cv2.INTER_NEAREST),
}


def reasons(image):
    found = measured(image[None])
    return {measure.reason for measure in MEASURES if found[measure.reason][0] < measure.limit}


@pytest.mark.parametrize("reason", BAD)
def test_a_bad_image_is_found_for_its_reason(reason):
    assert reason in reasons(BAD[reason])


def test_an_ordinary_image_is_not():
    assert reasons(IMAGE) == set()
