"""The default detector: YuNet where its file is available, else MTCNN."""

from mien.detection.base import Detector
from mien.detection.mtcnn.detector import make_detector as make_mtcnn
from mien.detection.options import DetectorOptions
from mien.detection.yunet.detector import make_yunet, read_yunet
from mien.detection.yunet.download import fetch_yunet
from mien.detection.yunet.model_file import chosen_file
from mien.errors import DetectorError


def make_detector(options: DetectorOptions) -> Detector:
    """Return YuNet, or MTCNN with a notice that says why.

    Raises:
        DetectorError: A file was chosen that isn't a YuNet.
    """
    if path := chosen_file(options):
        return read_yunet(path, options)
    try:
        content = fetch_yunet(offline=options.offline, notice=options.notice)
    except DetectorError:
        options.notice(without_yunet(options))
        return make_mtcnn(options)
    return make_yunet(content, "YuNet", options)


def without_yunet(options: DetectorOptions) -> str:
    """Return the notice that MTCNN is used because YuNet is not available."""
    problem = "offline" if options.offline else "it can't be downloaded"
    return (
        f"using the detector mtcnn, which is slower than yunet (no file of YuNet, and {problem}); to use "
        "yunet, set MIEN_YUNET to the path of its file"
    )
