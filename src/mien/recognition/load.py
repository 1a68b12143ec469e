"""Loading a recognizer: `mien.load()`, and what every command that recognizes does first."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from mien.bundles.defaults import DEFAULT
from mien.bundles.reading import read_bundle
from mien.detection.factory import make_detector
from mien.errors import MienError
from mien.recognition.engines.factory import make_engine
from mien.recognition.recognizer import Recognizer

EngineName = Literal["auto", "onnx", "openvino"]
DetectorName = Literal["auto", "yunet", "haar", "whole"]

_log = logging.getLogger("mien")


def load(
    bundle: str | Path = DEFAULT,
    *,
    engine: EngineName = "auto",
    detector: DetectorName = "auto",
    detector_model: str | Path | None = None,
    threads: int | None = None,
    threshold: float | None = None,
    offline: bool = False,
    notice: Callable[[str], None] = _log.warning,
) -> Recognizer:
    """Return a recognizer: pictures in, faces with their expressions out.

    Args:
        bundle: Name of a bundle that ships with mien, or the path of one.
        engine: What runs it; "auto" is OpenVINO where it is installed, else ONNX Runtime.
        detector: What finds faces; "auto" is "yunet" if its file is there or can be had, else
            "haar". With "whole" each picture is one face already.
        detector_model: The file of YuNet, if it lies nowhere where it is looked for.
        threads: How many threads the engine uses; all cores unless given.
        threshold: Below this probability of its label, 0 to 1, a face is "uncertain"; the bundle's
            own threshold unless given.
        offline: Never download the file of the detector.
        notice: Is told, in one line, what a user might want to know, such as that a better detector
            could be had; a warning of the logger "mien" unless given.

    Raises:
        BundleError: The bundle is missing, damaged, or not one of mien's.
        DetectorError: The detector that was asked for can't be had.
        MissingExtraError: The engine that was asked for is not installed.
        MienError: The threshold or the number of threads is out of range.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise MienError(f"threshold {threshold:g}: expected a probability, 0 to 1")
    opened = read_bundle(bundle)
    model = None if detector_model is None else Path(detector_model)
    return Recognizer(
        opened.metadata,
        make_engine(opened, engine, threads),
        make_detector(detector, model=model, offline=offline, notice=notice),
        threshold=threshold,
    )
