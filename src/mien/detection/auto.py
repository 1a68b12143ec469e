"""The default detector: YuNet where its file is available, else the Haar cascade."""

import cv2

from mien.detection.base import Detector
from mien.detection.download import fetch_yunet
from mien.detection.haar import Haar
from mien.detection.options import DetectorOptions
from mien.detection.yunet import YuNet, chosen_file, read_yunet
from mien.errors import DetectorError


def make_detector(options: DetectorOptions) -> Detector:
    """Return YuNet, or the Haar cascade with a notice that says why.

    Raises:
        DetectorError: A file was chosen that isn't a YuNet.
    """
    if path := chosen_file(options):
        return read_yunet(path)
    problem = "no file of YuNet, and " + ("offline" if options.offline else "it can't be downloaded")
    try:
        content = fetch_yunet(offline=options.offline, notice=options.notice)
        problem = f"OpenCV {cv2.__version__} can't run the file of YuNet"
        return YuNet(content)
    except DetectorError:
        options.notice(
            f"using the detector haar, which misses more faces than yunet ({problem}); to use yunet, "
            "give its file as the detector model or in MIEN_YUNET"
        )
        return Haar()
