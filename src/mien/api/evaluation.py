"""`mien.evaluate` and `mien.compare`: numbers about runs, bundles and predictions of any source."""

from pathlib import Path

from mien.bundles.reading import Bundle, is_bundle, read_bundle
from mien.errors import PredictionsError
from mien.evaluation.bundles import (
    predictions_for_same_faces,
    predictions_of_bundle,
    read_evaluation_data,
)
from mien.evaluation.comparison import Comparison
from mien.evaluation.comparison import compare as compare_predictions
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.predictions import Predictions
from mien.evaluation.runs import predictions_of_run
from mien.evaluation.scoring import evaluate as evaluate_predictions
from mien.evaluation.systems import predictions_of as predictions_of_path
from mien.faceset import FaceSet
from mien.training.run import RunFolder

System = RunFolder | Bundle | Predictions | str | Path
"""A run, a bundle, predictions, or the path or name of one of them."""


def evaluate(
    system: System,
    *,
    split: str = "validation",
    tta: bool = False,
    data: str | Path | FaceSet | None = None,
    device: str = "auto",
) -> Evaluation:
    """Return accuracy, confusion matrix, calibration and more of a run, a bundle or predictions.

    Args:
        system: A run or its folder, a bundle, its file or its name, predictions or their file (`.npz`
            of mien, or a `.csv` with a column of probabilities for each class).
        split: "validation", "test", "train" or "all"; predictions have their own.
        tta: Average over the views of a run's test-time augmentation; a bundle has its own.
        data: The data set; a bundle needs one, a run its own by default.
        device: Device of a run's network.

    Raises:
        PredictionsError: There is no such system, or a bundle has no data set.
        DataError: The data set can't be read, or has no face in that split.

    Examples:
        >>> import mien
        >>> evaluation = mien.evaluate("small", data="synthetic:70", split="all")
        >>> evaluation.n, evaluation.split
        (70, 'all')
    """
    return evaluate_predictions(predictions_of(system, split=split, tta=tta, data=data, device=device))


def compare(
    a: System,
    b: System,
    *,
    split: str = "validation",
    tta: bool = False,
    data: str | Path | FaceSet | None = None,
    device: str = "auto",
) -> Comparison:
    """Compare two systems on the same faces, with a paired test.

    Args:
        a: The first system, as `mien.evaluate` takes it.
        b: The system it is compared with. Without `data`, a bundle is compared on the faces of the
            other one.
        split: "validation", "test", "train" or "all".
        tta: Average over the views of a run's test-time augmentation.
        data: The data set; two bundles need one.
        device: Device of a run's network.

    Returns:
        The comparison; its `difference` is the accuracy of `a` minus that of `b`.

    Raises:
        PredictionsError: These are not the same faces, or two bundles have no data set.

    Examples:
        >>> import mien
        >>> comparison = mien.compare("small", "large", data="synthetic:70", split="test")
        >>> comparison.n, comparison.system, comparison.against
        (7, 'bundle small', 'bundle large')
    """
    first, second = _opened(a), _opened(b)
    if data is None and isinstance(first, Bundle) and not isinstance(second, Bundle):
        known = predictions_of(second, split=split, tta=tta, device=device)
        return compare_predictions(predictions_for_same_faces(first, known), known)
    known = predictions_of(first, split=split, tta=tta, data=data, device=device)
    if isinstance(second, Bundle):
        return compare_predictions(known, predictions_for_same_faces(second, known))
    other = predictions_of(second, split=split, tta=tta, data=data, device=device)
    return compare_predictions(known, other)


def predictions_of(
    system: System,
    *,
    split: str = "validation",
    tta: bool = False,
    data: str | Path | FaceSet | None = None,
    device: str = "auto",
) -> Predictions:
    """Return the predictions of a system; see `evaluate`."""
    opened = _opened(system)
    if isinstance(opened, Predictions):
        return opened
    if isinstance(opened, RunFolder):
        return predictions_of_run(opened, split, tta=tta, data=data, device=device).predictions
    if data is None:
        raise PredictionsError(f"bundle {opened.name}: a bundle has no faces; pass data=... with a data set")
    return predictions_of_bundle(opened, read_evaluation_data(opened.metadata, data), split)


def _opened(system: System) -> RunFolder | Bundle | Predictions:
    """The system that a path or a name stands for."""
    if not isinstance(system, str | Path):
        return system
    path = Path(system)
    if is_bundle(path):
        return read_bundle(path)
    return RunFolder(path) if path.is_dir() else predictions_of_path(path).predictions
