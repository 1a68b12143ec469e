"""The faces that an export needs: validation to calibrate and check with, training for int8."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import Member
from mien.config.data import Preprocess
from mien.data import read_faces
from mien.data.splits import with_validation
from mien.errors import DataError, PredictionsError, RunError
from mien.evaluation.predictions import read_predictions
from mien.evaluation.runs import predictions_path
from mien.exporting.compatibility import training_settings_of
from mien.exporting.components import Part
from mien.faceset import FaceSet
from mien.labels import TRAIN, UNLABELED, VALIDATION
from mien.training.run import RunFolder, read_run_faces
from mien.transforms.preprocess import equalize

CALIBRATION_FACES = 512
"""More move the ranges of int8 no further."""


@dataclass(frozen=True, eq=False)
class Validation:
    """The labeled validation faces of a run or a bundle.

    Attributes:
        images: uint8, (n, side, side), as read.
        labels: int64, (n,); a position in its classes.
        ids: str, (n,).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    ids: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)


def validation_of(run: RunFolder, data: str | None = None) -> Validation:
    """Return the faces a run was validated on: from its saved predictions, else from its source.

    Args:
        run: The run.
        data: Its source at another place, which is read then.

    Raises:
        DataError: They can't be read, are others, or none has a label.
    """
    found = _saved(run) if data is None else None
    if found is None:
        faces = read_run_faces(run, data).of_split(VALIDATION)
        found = Validation(faces.images, faces.labels, faces.ids)
    return _labeled(found, str(run.path))


def common_validation(parts: Sequence[Part], data: str | None = None) -> Validation:
    """Return the validation faces that all parts share.

    Raises:
        RunError: They were validated on different faces: what one held out, another learned.
        DataError: As `validation_of`, or a bundle's faces are not those of any run, and not given.
    """
    found = [(part, faces) for part in parts for faces in _validations(part, parts, data)]
    first, shared = found[0]
    for other, faces in found[1:]:
        if not (np.array_equal(shared.images, faces.images) and np.array_equal(shared.labels, faces.labels)):
            raise RunError(
                f"{first.given} and {other.given} were validated on different faces, so that "
                "none is unseen by both; join those with the same data and hold-out"
            )
    return shared


def calibration_faces(parts: Sequence[Part], data: str | None, *, seed: int = 0) -> NDArray[np.uint8]:
    """Return up to `CALIBRATION_FACES` training faces (m, side, side), equalized, each class in proportion.

    Args:
        parts: Those that were trained on them.
        data: Their source at another place.
        seed: Decides which faces.

    Raises:
        DataError: The source is gone, or is another.
    """
    training = _training(parts, data)
    order = np.random.default_rng(seed).permutation(len(training))
    by_class = order[np.argsort(training.labels[order], kind="stable")]
    count = min(CALIBRATION_FACES, len(order))
    picked = np.linspace(0, len(order) - 1, count).round().astype(np.int64)
    return equalize(training.images[by_class[picked]], Preprocess(clahe=parts[0].clahe))


def _training(parts: Sequence[Part], data: str | None) -> FaceSet:
    run = next((part.run for part in parts if part.run is not None), None)
    if run is not None:
        return read_run_faces(run, data).of_split(TRAIN)
    return _faces_of(parts[0], parts[0].members[0], data).of_split(TRAIN)


def _validations(part: Part, parts: Sequence[Part], data: str | None) -> Iterator[Validation]:
    """What each network of a part was validated on; a bundle's may be known from a run beside it."""
    if part.run is not None:
        yield validation_of(part.run, data)
        return
    runs = [other.run for other in parts if other.run is not None]
    for member in _divided_differently(part):
        if not any(_same_faces(run, part, member) for run in runs):
            faces = _faces_of(part, member, data).of_split(VALIDATION)
            yield _labeled(Validation(faces.images, faces.labels, faces.ids), part.given)


def _divided_differently(part: Part) -> list[Member]:
    """One network of each data set and hold-out that a bundle knows."""
    return list({(member.fingerprint, *_division(part, member)): member for member in part.members}.values())


def _division(part: Part, member: Member) -> tuple[float, int]:
    """What decides which faces `mien.data.splits` holds out."""
    settings = training_settings_of(part, member)
    return settings.data.holdout, settings.train.seed


def _same_faces(run: RunFolder, part: Part, member: Member) -> bool:
    own = (run.recipe.data.holdout, run.recipe.train.seed)
    divided = not run.info.held_out or own == _division(part, member)
    return divided and run.fingerprint == member.fingerprint


def _faces_of(part: Part, member: Member, data: str | None) -> FaceSet:
    """The faces that a bundle's network was trained and validated on."""
    if data is None:
        raise DataError(
            f"{part.given}: no run here has the faces that {member.run} of this bundle was validated on "
            f"({member.source}, fingerprint {member.fingerprint}); give them with --data"
        )
    # Bad rows don't matter: the fingerprint tells whether the others are what was trained on.
    faces = read_faces(data, size=part.size, skip_bad=True)
    if faces.fingerprint != member.fingerprint:
        raise DataError(
            f"{data}: fingerprint {faces.fingerprint}, but {member.run} of {part.given} was trained on "
            f"{member.fingerprint}, and could have learned what it would be validated on; "
            "give the same data set with --data"
        )
    return with_validation(faces, *_division(part, member))


def _labeled(found: Validation, where: str) -> Validation:
    known = found.labels != UNLABELED
    if not known.any():
        raise DataError(f"{where}: no labeled validation face to calibrate and check with")
    return Validation(found.images[known], found.labels[known], found.ids[known])


def _saved(run: RunFolder) -> Validation | None:
    """From the predictions of any checkpoint, over views or not: the faces are the same."""
    found = (_read_saved(predictions_path(run, name)) for name in (VALIDATION, f"{VALIDATION}-tta"))
    return next((validation for validation in found if validation is not None), None)


def _read_saved(path: Path) -> Validation | None:
    if not path.exists():
        return None
    try:
        predictions = read_predictions(path)
    except PredictionsError:
        return None  # damaged: the source is asked
    if predictions.images is None:
        return None
    return Validation(predictions.images, predictions.labels, predictions.ids)
