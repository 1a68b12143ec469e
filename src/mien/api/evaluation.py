"""`mien.evaluate` and `mien.compare`: metrics of runs, bundles and predictions of any source."""

from mien.arguments import FLAG, NAMES, TEXT, checked, optional
from mien.bundles.reading import Bundle
from mien.data.classes import Classes
from mien.errors import PredictionsError
from mien.evaluation.comparison import Comparison
from mien.evaluation.comparison import compare as compare_predictions
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.predictions import Predictions
from mien.evaluation.scoring import evaluate as evaluate_predictions
from mien.evaluation.systems import DataSet, System, open_system, predictions_of, predictions_to_compare
from mien.training.run import RunFolder


@checked(
    PredictionsError,
    split=optional(TEXT),
    tta=FLAG,
    faces=optional(TEXT),
    classes=optional(NAMES),
    device=TEXT,
)
def evaluate(
    system: System,
    *,
    split: str | None = None,
    tta: bool = False,
    data: DataSet | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    device: str = "auto",
) -> Evaluation:
    """Return accuracy, confusion matrix, calibration and more of a run, a bundle or predictions.

    Args:
        system: A run or its folder, a bundle, its file or its name, predictions or their file (`.npz`
            of mien, or a `.csv` with a column of probabilities for each class).
        split: "validation" (the default of runs and bundles), "test", "train" or "all"; for a CSV, the split
            of `data` that it is about.
        tta: With the test-time augmentation of a run's recipe; that of a bundle is part of its graph.
        data: The data set or its path; a bundle needs one, a run has its own.
        faces: "whole" if each image of that path is a face, "detect" to detect and crop the face in it; as
            in the training by default.
        classes: Names of the classes of that path; see `mien.read_faces`.
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
    found = predictions_of(system, split, data=data, images=faces, classes=classes, tta=tta, device=device)
    return evaluate_predictions(found.predictions)


@checked(PredictionsError, split=optional(TEXT), tta=FLAG, device=TEXT)
def compare(
    a: System,
    b: System,
    *,
    split: str | None = None,
    tta: bool = False,
    data: DataSet | None = None,
    device: str = "auto",
) -> Comparison:
    """Compare two systems on the same faces, with a paired test.

    Args:
        a: The first system, as `mien.evaluate` takes it.
        b: The system it is compared with. Without `data`, a bundle is compared on the faces of the
            other one.
        split: As in `mien.evaluate`.
        tta: With the test-time augmentation of the recipes of runs.
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
    first, second = open_system(a), open_system(b)
    if data is None and isinstance(first, Bundle) and not isinstance(second, Bundle):
        theirs = _predictions(second, split, tta=tta, data=data, device=device)
        return compare_predictions(predictions_to_compare(first, theirs), theirs)
    ours = _predictions(first, split, tta=tta, data=data, device=device)
    source = first.source if isinstance(first, RunFolder) else None
    other = predictions_to_compare(second, ours, source=source, data=data, tta=tta, device=device)
    return compare_predictions(ours, other)


def _predictions(
    system: System, split: str | None, *, tta: bool, data: DataSet | None, device: str
) -> Predictions:
    """The predictions of a system; only runs have a test-time augmentation to choose."""
    tta = tta and isinstance(system, RunFolder)
    return predictions_of(system, split, data=data, tta=tta, device=device).predictions
