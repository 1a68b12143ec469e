"""The options of `mien predict` and `mien webcam` that choose bundle, engine and detector."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from mien.bundles.defaults import DEFAULT
from mien.cli import candidates
from mien.cli.option_groups import DETECTION, RECOGNITION, Name

if TYPE_CHECKING:
    from mien.recognition.recognizer import Recognizer


ENGINES = candidates.registered("mien.recognition.engines.factory:ENGINES")
DETECTORS = candidates.registered("mien.detection.factory:DETECTORS")


@Parameter(name="*", group=RECOGNITION)
@dataclass(frozen=True)
class RecognizerOptions:
    """Options of `mien.load`.

    Attributes:
        bundle: Name of a bundle that ships with mien, or the path of one.
        engine: Runtime of the bundle: auto, onnx, openvino, or that of a plugin; auto is OpenVINO if it is
            installed, else ONNX Runtime.
        device: Device of the engine: cpu, or another that it knows, such as cuda.
        detector: Face detector: auto, yunet, mtcnn, whole, or that of a plugin; auto is yunet if its file
            is available or can be downloaded, else mtcnn; with whole each image is one face.
        detector_model: File of YuNet; by default MIEN_YUNET, the cache, or a download.
        detector_digest: SHA-256 of that file, or its first twelve digits or more, if it is another YuNet than
            the one that mien was tested with; by default MIEN_YUNET_SHA256.
        offline: Download nothing.
        threads: Number of threads; one per core by default.
        threshold: A face whose confidence is below this value, 0 to 1, is uncertain; the threshold of the
            bundle by default.
        min_face: Ignore faces that are less than this many pixels wide or high; a larger value makes the
            search of large images faster.
        max_faces: Only this many faces of each image, the largest ones.
        largest: Only the largest face of each image.
        detector_threshold: Ignore faces to which the detector gives a lower score, 0 to 1; that of the
            detector by default.
        any_orientation: Also find faces in images that are turned by 90, 180 or 270 degrees; takes up to four
            times as long where no upright face is found.
    """

    bundle: Annotated[Name, Parameter(completer=candidates.bundles)] = DEFAULT
    engine: Annotated[str, Parameter(completer=ENGINES)] = "auto"
    device: str = "cpu"
    detector: Annotated[str, Parameter(group=DETECTION, completer=DETECTORS)] = "auto"
    detector_model: Annotated[Path | None, Parameter(group=DETECTION)] = None
    detector_digest: Annotated[str | None, Parameter(group=DETECTION)] = None
    offline: bool = False
    threads: int | None = None
    threshold: float | None = None
    min_face: Annotated[float, Parameter(group=DETECTION)] = 0.0
    max_faces: Annotated[int | None, Parameter(group=DETECTION)] = None
    largest: Annotated[bool, Parameter(group=DETECTION)] = False
    detector_threshold: Annotated[float | None, Parameter(group=DETECTION)] = None
    any_orientation: Annotated[bool, Parameter(group=DETECTION)] = False

    def without_detector(self) -> "RecognizerOptions":
        """Return the options for inputs that are all cropped faces, so that no detector is downloaded."""
        return replace(self, detector="whole", detector_model=None, detector_digest=None)

    def detection_options(self) -> list[str]:
        """Return the names of the options that select faces and were given."""
        names = ("min_face", "max_faces", "largest", "detector_threshold", "any_orientation")
        given = [name for name in names if getattr(self, name) != getattr(RecognizerOptions(), name)]
        return [f"--{name.replace('_', '-')}" for name in given]

    def load(self, notice: Callable[[str], None], *, tolerate_truncated: bool = False) -> "Recognizer":
        """Return the recognizer; see `mien.load`."""
        from mien.recognition.load import load
        from mien.runtime.threads import limit_opencv

        limit_opencv(self.threads)
        return load(self.bundle, notice=notice, tolerate_truncated=tolerate_truncated, **self.arguments())

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `mien.load` that are options, all but the bundle."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "bundle"}
