"""The faces that an export needs: validation faces to verify and calibrate, training faces for int8."""

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
from mien.evaluation.runs import predictions_path
from mien.exporting.compatibility import training_settings_of
from mien.exporting.components import Component
from mien.exporting.options import Data
from mien.faceset import FaceSet
from mien.labels import TRAIN, UNLABELED, VALIDATION
from mien.predictions_file import read_predictions
from mien.training.run_folder.faces import read_run_faces
from mien.training.run_folder.run import RunFolder
from mien.transforms.preprocess import equalize

CALIBRATION_FACES = 512
"""Number of training faces for int8; more don't change the ranges of the activations."""


@dataclass(frozen=True, eq=False)
class LabeledFaces:
    """The labeled validation faces of a run or a bundle.

    Attributes:
        images: uint8, (n, size, size) or (n, size, size, 3), before CLAHE.
        labels: int64, (n,); positions in the classes.
        ids: str, (n,).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    ids: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)


def validation_faces_of(run: RunFolder, data: Data | None = None) -> LabeledFaces:
    """Return the validation faces of a run: from its saved predictions, or else from its data set.

    Args:
        run: The run.
        data: Where its data set is now; it is read in any case then.

    Raises:
        DataError: They can't be read, are different ones, or none has a label.
    """
    found = _from_predictions(run) if data is None else None
    if found is None:
        faces = read_run_faces(run, data).of_split(VALIDATION)
        found = LabeledFaces(faces.images, faces.labels, faces.ids)
    return _labeled(found, str(run.path))


def shared_validation_faces(components: Sequence[Component], data: Data | None = None) -> LabeledFaces:
    """Return the validation faces that all components share.

    Raises:
        RunError: They were validated on different faces, so one may have been trained on what another
            held out.
        DataError: As `validation_faces_of`; or the data set of a bundle is needed and was not given.
    """
    found = [(one, faces) for one in components for faces in _validation_faces(one, components, data)]
    first, shared = found[0]
    for other, faces in found[1:]:
        if not (np.array_equal(shared.images, faces.images) and np.array_equal(shared.labels, faces.labels)):
            raise RunError(
                f"{first.name} and {other.name} were validated on different faces, so no face is held out "
                "for both; join components trained on the same data with the same hold-out"
            )
    return shared


def calibration_images(
    components: Sequence[Component], data: Data | None, *, seed: int = 0
) -> NDArray[np.uint8]:
    """Return up to `CALIBRATION_FACES` training images, equalized, with the class proportions of training.

    Args:
        components: Trained on the same faces.
        data: Where the data set is now.
        seed: Of the random choice.

    Returns:
        uint8, (m, size, size) or (m, size, size, 3).

    Raises:
        DataError: The data set is missing, or is a different one.
    """
    training = _training_faces(components, data)
    order = np.random.default_rng(seed).permutation(len(training))
    by_class = order[np.argsort(training.labels[order], kind="stable")]
    count = min(CALIBRATION_FACES, len(order))
    chosen = np.linspace(0, len(order) - 1, count).round().astype(np.int64)
    return equalize(training.images[by_class[chosen]], Preprocess(clahe=components[0].clahe))


def _training_faces(components: Sequence[Component], data: Data | None) -> FaceSet:
    run = next((one.run for one in components if one.run is not None), None)
    if run is not None:
        return read_run_faces(run, data).of_split(TRAIN)
    return _faces_of(components[0], components[0].members[0], data).of_split(TRAIN)


def _validation_faces(
    component: Component, components: Sequence[Component], data: Data | None
) -> Iterator[LabeledFaces]:
    """Yield the validation faces of each network of a component, unless a run beside it has the same."""
    if component.run is not None:
        yield validation_faces_of(component.run, data)
        return
    runs = [other.run for other in components if other.run is not None]
    for member in _members_with_distinct_splits(component):
        if not any(_has_same_split(run, component, member) for run in runs):
            faces = _faces_of(component, member, data).of_split(VALIDATION)
            yield _labeled(LabeledFaces(faces.images, faces.labels, faces.ids), component.name)


def _members_with_distinct_splits(component: Component) -> list[Member]:
    """Return one network of each data set and hold-out of a bundle."""
    settings = [training_settings_of(component, one) for one in component.members]
    keys = [
        (member.fingerprint, *one.split_key, one.always_held_out)
        for member, one in zip(component.members, settings, strict=True)
    ]
    return list(dict(zip(keys, component.members, strict=True)).values())


def _has_same_split(run: RunFolder, component: Component, member: Member) -> bool:
    own, other = run.recipe, training_settings_of(component, member)
    if (own.data.validation == "holdout") != other.always_held_out or run.fingerprint != member.fingerprint:
        return False
    return not run.info.held_out or (own.data.holdout, own.train.seed) == other.split_key


def _faces_of(component: Component, member: Member, data: Data | None) -> FaceSet:
    """Return the faces that a network of a bundle was trained and validated on, with its splits."""
    if data is None:
        raise DataError(
            f"{component.name}: no run here has the faces that {member.run} of this bundle was validated on "
            f"({member.source}, fingerprint {member.fingerprint}); pass data=... with that data set"
        )
    faces = data if isinstance(data, FaceSet) else _read(component, member, data)
    if faces.fingerprint != member.fingerprint:
        raise DataError(
            f"{faces.source}: fingerprint {faces.fingerprint}, but {member.run} of {component.name} was "
            f"trained on {member.fingerprint}, and may have been trained on what it would be validated on; "
            "pass data=... with the same data set"
        )
    settings = training_settings_of(component, member)
    return with_validation(faces, *settings.split_key, always=settings.always_held_out)


def _read(component: Component, member: Member, data: str | Path) -> FaceSet:
    """Read a data set; invalid rows may be skipped, since the fingerprint verifies the others."""
    return read_faces(
        data, size=component.size, channels=component.channels, faces=member.faces, skip_bad=True
    )


def _labeled(found: LabeledFaces, where: str) -> LabeledFaces:
    known = found.labels != UNLABELED
    if not known.any():
        raise DataError(f"{where}: no labeled validation face to verify and calibrate with")
    return LabeledFaces(found.images[known], found.labels[known], found.ids[known])


def _from_predictions(run: RunFolder) -> LabeledFaces | None:
    """Return the faces of saved predictions; any checkpoint and any TTA will do, the faces are the same."""
    found = (_read_saved(predictions_path(run, name)) for name in (VALIDATION, f"{VALIDATION}-tta"))
    return next((faces for faces in found if faces is not None), None)


def _read_saved(path: Path) -> LabeledFaces | None:
    if not path.exists():
        return None
    try:
        predictions = read_predictions(path)
    except PredictionsError:
        return None  # damaged: read the data set instead
    if predictions.images is None:
        return None
    return LabeledFaces(predictions.images, predictions.labels, predictions.ids)
