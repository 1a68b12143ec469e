"""Predictions of a bundle.

A bundle's probabilities are calibrated and its test-time augmentation is part of its graph. Neither torch
nor the run folders that the bundle was made from are needed.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mien.bundles.metadata import UNFINISHED_NOTE, BundleMetadata
from mien.bundles.reading import Bundle
from mien.data import read_faces
from mien.data.classes import Classes
from mien.data.face_detector import DETECT, WHOLE
from mien.data.splits import with_validation
from mien.errors import DataError, PredictionsError
from mien.evaluation.splits import faces_of_split, in_training, name_of_source
from mien.faceset import FaceSet
from mien.files.names import fitting_name
from mien.labels import TRAIN, VALIDATION
from mien.models.bundle_predictor import bundle_predictor
from mien.predictions import Predictions, predictions_for

_UNFINISHED: Final = re.compile(rf"(\S+) ({UNFINISHED_NOTE}(?: \([^)]*\))?\.)")
"""The sentence about a network, among the notes of a bundle: the name of the network, and the rest."""


@dataclass(frozen=True)
class EvaluationData:
    """Faces, and whether the networks of a bundle were trained on them.

    Attributes:
        faces: Of all splits; with the splits of the training if they are its data set.
        fingerprint: Of the faces as read, by which metadata names them.
        all_trained_on_it: Every network of the bundle was trained on the training split of these faces.
        any_trained_on_it: At least one was.
    """

    faces: FaceSet
    fingerprint: str
    all_trained_on_it: bool
    any_trained_on_it: bool


def read_evaluation_data(
    metadata: BundleMetadata,
    data: str | Path | FaceSet,
    *,
    images: str | None = None,
    classes: Classes | None = None,
) -> EvaluationData:
    """Read faces in the size and channels of a bundle, and find out whether it was trained on them.

    Args:
        metadata: Of the bundle.
        data: The data set or its path.
        images: "whole" if each image of a path is a face, "detect" to detect the face in it; as its networks
            were trained by default.
        classes: Names of the classes of a path; see `mien.read_faces`.

    Raises:
        DataError: They can't be read.
    """
    faces = data if isinstance(data, FaceSet) else _read(metadata, data, images, classes)
    trained = [member.fingerprint == faces.fingerprint for member in metadata.members]
    return EvaluationData(
        _split_as_in_training(faces, metadata) if all(trained) else faces,
        faces.fingerprint,
        all(trained),
        any(trained),
    )


def _read(metadata: BundleMetadata, data: str | Path, images: str | None, classes: Classes | None) -> FaceSet:
    detected = all(member.faces == DETECT for member in metadata.members)
    # Bad rows may be skipped: the fingerprint shows whether the others were trained on.
    return read_faces(
        data, size=metadata.size, channels=metadata.channels, faces=images or (DETECT if detected else WHOLE),
        classes=classes, skip_bad=True,
    )  # fmt: skip


def predictions_of_bundle(bundle: Bundle, data: EvaluationData, split: str) -> Predictions:
    """Return the predictions of a bundle for one split.

    Args:
        bundle: The bundle.
        data: Faces of all splits.
        split: "validation", "test", "train" or "all".

    Raises:
        DataError: No face is in that split, or classes, size or color are not the bundle's.
        BundleError: Its graph can't be run.
    """
    faces = faces_of_split(data.faces, split)
    if faces.classes != bundle.metadata.classes:
        raise DataError(
            f"{faces.source}: classes {', '.join(faces.classes)}, but bundle {bundle.name} has "
            f"{', '.join(bundle.metadata.classes)}; evaluate it on a source with those classes"
        )
    ours, theirs = bundle.metadata.input_shape, faces.images.shape[1:]
    if ours != theirs:
        raise DataError(
            f"{faces.source}: faces of {_pixels(theirs)}, but bundle {bundle.name} takes {_pixels(ours)}; "
            "read them in that size and color"
        )
    training = data.faces.of_split(TRAIN).images
    predictions = predictions_for(
        faces,
        bundle_predictor(bundle)(faces.images),
        split=split,
        system=_system(bundle),
        in_training=in_training(faces.images, training) if data.all_trained_on_it and len(training) else None,
        from_training_data=data.all_trained_on_it,
    )
    return replace(predictions, unfinished=_unfinished(bundle), threshold=_threshold(bundle))


def predictions_for_same_faces(bundle: Bundle, predictions: Predictions) -> Predictions:
    """Return the predictions of a bundle for the faces of other predictions, for a comparison.

    Raises:
        PredictionsError: They have no images, or others than the bundle takes.
        BundleError: Its graph can't be run.
    """
    metadata = bundle.metadata
    if predictions.images is None:
        raise PredictionsError(
            f"{predictions.system} has no images for bundle {bundle.name}; pass data=... and split=..."
        )
    theirs = _faces(predictions.classes, predictions.images.shape[1:])
    ours = _faces(metadata.classes, metadata.input_shape)
    if theirs != ours:
        raise PredictionsError(
            f"{predictions.system} is about {theirs}, bundle {bundle.name} about {ours}; "
            "a comparison needs both on the same faces"
        )
    # Two bundles may have the same name; then the name by which this one was opened distinguishes them.
    system = _system(bundle) if _system(bundle) != predictions.system else f"bundle {bundle.name}"
    return replace(
        predictions,
        probabilities=bundle_predictor(bundle)(predictions.images),
        unfinished=_unfinished(bundle),
        threshold=_threshold(bundle),
        system=system,
        in_training=None,
        checkpoint_digest="",
        from_training_data=False,
        only_classes=False,
    )


def report_folder(bundle: Bundle, data: EvaluationData, split: str) -> Path:
    """Return the folder of a report, relative to the current one: a bundle may be inside a package."""
    name = split if data.any_trained_on_it else f"{name_of_source(data.faces)}-{split}"
    return Path(fitting_name(Path(bundle.name).stem, "-report")) / fitting_name(name, "")


def _split_as_in_training(faces: FaceSet, metadata: BundleMetadata) -> FaceSet:
    """The faces with the validation split of the training, which the networks of a bundle share."""
    first = metadata.members[0]
    share, seed = first.section("data").get("holdout"), first.section("train").get("seed")
    always = first.section("data").get("validation") == "holdout"
    if (faces.in_split(VALIDATION).any() and not always) or share is None or seed is None:
        return faces
    return with_validation(faces, share, seed, always=always)


def _threshold(bundle: Bundle) -> float | None:
    found = bundle.metadata.confidence_threshold
    return found.value if found else None


def _unfinished(bundle: Bundle) -> str:
    """A sentence for each network of a bundle that was not trained to the end, or ""."""
    found = _UNFINISHED.findall(bundle.metadata.notes)
    return " ".join(f"The network {network} of {_system(bundle)} {rest}" for network, rest in found)


def _system(bundle: Bundle) -> str:
    return f"bundle {bundle.metadata.name}"


def _faces(classes: tuple[str, ...], shape: tuple[int, ...]) -> str:
    return f"faces of {_pixels(shape)}, {', '.join(classes)}"


def _pixels(shape: tuple[int, ...]) -> str:
    return f"{shape[0]}x{shape[1]} pixels, {'gray' if len(shape) == 2 else 'RGB'}"
