"""`mien.evaluate`, `mien.compare` and others: metrics of runs, bundles and predictions of any source."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from mien.arguments import FLAG, INTEGER, NAMES, PATH, TEXT, TEXTS, checked, items_of, optional
from mien.data.classes import Classes
from mien.detection.options import DetectorOptions
from mien.errors import DetectorError, PredictionsError
from mien.evaluation.doubtful import with_audit
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.groups.measure import evaluate_groups as group_metrics
from mien.evaluation.groups.reading import labels_of
from mien.evaluation.groups.result import GroupEvaluation
from mien.evaluation.leaderboard.entrants import read_entrants
from mien.evaluation.leaderboard.leaderboard import Leaderboard
from mien.evaluation.leaderboard.ranked import MOST_SYSTEMS, leaderboard
from mien.evaluation.request import DataSet, Request
from mien.evaluation.robustness.measure import robustness_of
from mien.evaluation.robustness.result import Robustness
from mien.evaluation.scoring import evaluate as evaluate_predictions
from mien.evaluation.shifts.detected import available_detectors
from mien.evaluation.shifts.measure import FACES, shifts_of
from mien.evaluation.shifts.result import ShiftEvaluation
from mien.evaluation.systems import System, predictions_of
from mien.files.writing import as_path

_KINDS: Final = {
    "split": optional(TEXT), "tta": FLAG, "faces": optional(TEXT), "classes": optional(NAMES), "device": TEXT,
}  # fmt: skip
"""Kinds of the arguments that all functions have."""


@checked(PredictionsError, **_KINDS)
def evaluate(
    system: System,
    *,
    split: str | None = None,
    tta: bool = False,
    data: DataSet | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    audit: str | Path | None = None,
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
        audit: CSV of `mien.audit` on the data set: the accuracy is also reported without the faces that it
            doubts. A run that was trained with `data.exclude` or `data.relabel` uses its own by default.
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
    request = Request(split, data, faces, classes, tta, device)
    found = predictions_of(system, request, incomplete=True)
    predictions = found.predictions if audit is None else with_audit(found.predictions, audit)
    return evaluate_predictions(predictions)


@checked(PredictionsError, **_KINDS, limit=optional(INTEGER))
def evaluate_corruptions(
    system: System,
    *,
    split: str | None = None,
    tta: bool = False,
    data: DataSet | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    device: str = "auto",
    limit: int | None = None,
) -> Robustness:
    """Return accuracy, log loss and calibration of a run or a bundle on corrupted faces.

    Twelve corruptions (noise, blur, low light, overexposure, contrast, JPEG, resize, rotation, shift, zoom,
    mask, sunglasses) at five strengths each. The same faces give the same result.

    Args:
        system: A run or its folder, or a bundle, its file or its name.
        split: As in `mien.evaluate`.
        tta: As in `mien.evaluate`.
        data: As in `mien.evaluate`.
        faces: As in `mien.evaluate`.
        classes: As in `mien.evaluate`.
        device: As in `mien.evaluate`.
        limit: Number of faces at most, evenly chosen from the split; all by default.

    Raises:
        PredictionsError: There is no such system, it is not a run or a bundle, or a bundle has no data set.
        DataError: The data set can't be read, or has no face in that split.

    Examples:
        >>> import mien
        >>> found = mien.evaluate_corruptions("small", data="synthetic:70", split="test")
        >>> found.n, [one.name for one in found.corruptions][:3]
        (7, ['noise', 'blur', 'low light'])
    """
    return robustness_of(system, Request(split, data, faces, classes, tta, device), limit=limit)


@checked(PredictionsError, **_KINDS, limit=optional(INTEGER), detector_model=optional(PATH))
def evaluate_shifts(
    system: System,
    *,
    split: str | None = None,
    tta: bool = False,
    data: DataSet | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    device: str = "auto",
    limit: int | None = FACES,
    detector_model: str | Path | None = None,
) -> ShiftEvaluation:
    """Return the accuracy of a run or a bundle under distribution shift: how it holds beyond its data set.

    Each face is pasted into an image at 0.5 to 2 times its size and a tilt of up to 30 degrees, and cropped
    out of it by YuNet and by MTCNN; and it gets the twelve corruptions of `mien.evaluate_corruptions`, each
    at one strength. The accuracy under shift is the mean of the accuracies with each detector, on the faces
    that it found, and on corrupted faces. The same faces and detectors give the same result; nothing is
    downloaded.

    Args:
        system: A run or its folder, or a bundle, its file or its name.
        split: As in `mien.evaluate`.
        tta: As in `mien.evaluate`.
        data: As in `mien.evaluate`.
        faces: As in `mien.evaluate`.
        classes: As in `mien.evaluate`.
        device: As in `mien.evaluate`.
        limit: Number of faces at most, evenly chosen from the split; None takes all.
        detector_model: File of YuNet; by default `MIEN_YUNET`, or the cache. Without it, MTCNN is the only
            detector.

    Raises:
        PredictionsError: There is no such system, it is not a run or a bundle, or a bundle has no data set.
        DataError: The data set can't be read, or has no face in that split.
        DetectorError: `detector_model` is not a YuNet.

    Examples:
        >>> import mien
        >>> found = mien.evaluate_shifts("small", data="synthetic:70", split="test", limit=2)
        >>> found.scores.n, found.scores.parts[-1].name
        (2, 'corruptions')
    """
    model = None if detector_model is None else as_path(detector_model, "detector_model", DetectorError)
    request = Request(split, data, faces, classes, tta, device)
    return shifts_of(
        system, request, limit=limit, detectors=available_detectors(DetectorOptions(model=model))
    )


@checked(PredictionsError, **_KINDS, predicted=FLAG)
def evaluate_groups(
    system: System,
    groups: str | Path | Mapping[str, Sequence[str]],
    *,
    split: str | None = None,
    tta: bool = False,
    data: DataSet | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    device: str = "auto",
    predicted: bool = False,
) -> GroupEvaluation:
    """Return the metrics of a system per group of faces, and tests of the largest gaps.

    Args:
        system: As in `mien.evaluate`.
        groups: A CSV with a column id and a column for each attribute, such as id,age,lighting; or the group
            of each face in the order of the predictions, by attribute. "" is an unknown group.
        split: As in `mien.evaluate`.
        tta: As in `mien.evaluate`.
        data: As in `mien.evaluate`.
        faces: As in `mien.evaluate`.
        classes: As in `mien.evaluate`.
        device: As in `mien.evaluate`.
        predicted: The groups were predicted by a model, which the result then warns of.

    Raises:
        PredictionsError: There is no such system, or the groups are not those of the faces.
        DataError: The data set can't be read, or has no face in that split.

    Examples:
        >>> import mien
        >>> light = ["dark", "bright"] * 35
        >>> found = mien.evaluate_groups("small", {"light": light}, data="synthetic:70", split="all")
        >>> [(row.name, row.n) for row in found.attributes[0].groups]
        [('bright', 35), ('dark', 35)]
    """
    found = predictions_of(system, Request(split, data, faces, classes, tta, device))
    return group_metrics(found.predictions, labels_of(groups, found.predictions), predicted=predicted)


@checked(PredictionsError, **_KINDS, names=optional(TEXTS), speed=FLAG)
def compare(
    *systems: System,
    split: str | None = None,
    tta: bool = False,
    data: DataSet | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    device: str = "auto",
    names: Sequence[str] | None = None,
    speed: bool = True,
) -> Leaderboard:
    """Compare two or more systems on the same faces: a leaderboard with paired tests.

    Args:
        systems: Runs, bundles, predictions or CSVs, each as `mien.evaluate` takes it. Without `data`, bundles
            and CSVs are about the faces of the first run, and bundles also about those of predictions that
            have images.
        split: As in `mien.evaluate`.
        tta: With the test-time augmentation of the recipes of runs.
        data: The data set; bundles and CSVs alone need one.
        faces: As in `mien.evaluate`.
        classes: As in `mien.evaluate`.
        device: Device of the networks of runs.
        names: A name for each system; by default that of its run, bundle or file.
        speed: Measure the time per face of runs and bundles; it takes about a second for each.

    Returns:
        The leaderboard, best first. `leaderboard.comparison(a, b)` is the paired test of two systems by name,
        `leaderboard.pairs` has those of all pairs, `leaderboard.to_frame()` is the table.

    Raises:
        PredictionsError: These are not the same faces, there is one system only, or no data set.

    Examples:
        >>> import mien
        >>> board = mien.compare("small", "large", data="synthetic:70", split="test", speed=False)
        >>> board.n, sorted(one.system for one in board.systems)
        (7, ['bundle large', 'bundle small'])
    """
    chosen = None if names is None else items_of(names, "names", MOST_SYSTEMS, PredictionsError)
    if len(systems) > MOST_SYSTEMS:
        raise PredictionsError(f"{len(systems)} systems to compare, expected at most {MOST_SYSTEMS}")
    request = Request(split, data, faces, classes, bool(tta), device)
    return leaderboard(read_entrants(systems, request, names=chosen, speed=bool(speed)))
