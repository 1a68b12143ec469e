"""Records the accuracy under distribution shift in the metadata of existing bundles."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnx

from mien.bundles.metadata import BundleMetadata
from mien.bundles.reading import Bundle, read_bundle, shipped_names
from mien.bundles.seal import sealed
from mien.data.progress import Progress, no_progress
from mien.detection.base import Detector
from mien.errors import BundleError, DataError
from mien.evaluation.bundles import predictions_of_bundle, read_evaluation_data
from mien.evaluation.robustness.measure import some_of
from mien.evaluation.shifts.detected import DetectedFaces, detect_again
from mien.evaluation.shifts.measure import FACES, measure_shifts
from mien.evaluation.shifts.result import ShiftEvaluation
from mien.files.targets import require_file
from mien.files.writing import write_bytes
from mien.labels import VALIDATION
from mien.models.bundle_predictor import bundle_predictor
from mien.predictions import Predictions

COMMAND: Final = ("mien", "bundle", "record")
"""First words of the command line that records."""


@dataclass
class _Scenes:
    """The faces that were detected last, for the next bundle that is measured on the same faces."""

    detectors: Sequence[Detector]
    progress: Progress
    images: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None = None
    detected: Sequence[DetectedFaces] = ()

    def of(self, predictions: Predictions) -> Sequence[DetectedFaces]:
        images = predictions.require_images("shifts")
        if self.images is None or not np.array_equal(self.images, images):
            self.images = images
            self.detected = detect_again(images, self.detectors, self.progress)
        return self.detected


def record_shifts(
    paths: Sequence[Path],
    data: str,
    detectors: Sequence[Detector],
    *,
    limit: int = FACES,
    progress: Progress = no_progress,
) -> Iterator[ShiftEvaluation]:
    """Measure bundles on their validation split, write the result into their files, and yield it.

    Only the metadata of a file changes, and its digest. All files are checked before the first is measured.

    Args:
        paths: Files of bundles, which are replaced.
        data: The data set they were trained on.
        detectors: See `mien.evaluation.shifts.detected.available_detectors`.
        limit: Most faces.
        progress: Receives the number of scenes that were searched.

    Raises:
        BundleError: A file is not a bundle, or a name is that of a bundle that ships with mien.
        DataError: The data set can't be read, or a network was trained on another one.
        MienError: A file can't be written.
    """
    bundles = [_readable(path) for path in paths]
    scenes = _Scenes(detectors, progress)
    for bundle, path in zip(bundles, paths, strict=True):
        known = read_evaluation_data(bundle.metadata, data)
        if not known.all_trained_on_it:
            raise DataError(
                f"{data}: bundle {path} was trained on other faces; give the data set of its training, since "
                "metadata can't name another one"
            )
        clean = some_of(predictions_of_bundle(bundle, known, VALIDATION), limit)
        found = measure_shifts(clean, bundle_predictor(bundle), scenes.of(clean))
        command = _command(path, data, limit)
        write_bytes(path, sealed(onnx.load_model_from_string(bundle.content), _with(bundle, found, command)))
        yield found


def _readable(path: Path) -> Bundle:
    if str(path) in shipped_names() and not path.exists():
        raise BundleError(
            f"{path}: a bundle that ships with mien; copy its file and give the path of the copy, since the "
            "file is replaced"
        )
    bundle = read_bundle(path)
    require_file(path)
    return bundle


def _with(bundle: Bundle, found: ShiftEvaluation, command: str) -> BundleMetadata:
    """Return metadata with the result, and the command instead of an earlier one."""
    first = " ".join(COMMAND)
    kept = [one for one in bundle.metadata.commands if not one.startswith(first)]
    return bundle.metadata.model_copy(update={"shifts": found.scores, "commands": (*kept, command)})


def _command(path: Path, data: str, limit: int) -> str:
    """Return the command line; files are named without their folders."""
    words = [*COMMAND, path.name, "--data", Path(data).name]
    return shlex.join([*words, *(["--limit", str(limit)] if limit != FACES else [])])
