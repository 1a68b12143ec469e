"""From a bundle and faces to predictions: what a bundle is worth, told by itself alone.

A bundle's probabilities are calibrated and its views lie inside its graph, so nothing is added here.
It needs neither torch nor the run folders that the bundle was made of.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT, PROBABILITIES, BundleMetadata
from mien.bundles.onnx_session import blaming, open_session, usable_cores
from mien.bundles.reading import Bundle
from mien.config.data import Preprocess
from mien.data import read_faces
from mien.data.splits import with_validation
from mien.errors import DataError, PredictionsError
from mien.evaluation.predictions import Predictions, predictions_for
from mien.evaluation.runs import faces_in, name_of_source, seen_among
from mien.faceset import FaceSet
from mien.labels import TRAIN, VALIDATION
from mien.transforms.preprocess import equalize

BATCH: Final = 64
"""Faces at a time: memory stays bounded, and more at a time is not faster."""


@dataclass(frozen=True)
class EvaluationData:
    """Faces, and what the networks of a bundle know of them.

    Attributes:
        faces: Of all splits, divided as they were for the training if they are its own.
        fingerprint: Of the faces as they were read, by which a metadata names them.
        by_all: Every network of the bundle was trained on these faces' training split.
        by_some: At least one was.
    """

    faces: FaceSet
    fingerprint: str
    by_all: bool
    by_some: bool


def read_evaluation_data(metadata: BundleMetadata, data: str) -> EvaluationData:
    """Read faces as a bundle wants them, and find out whether it was trained on them.

    Args:
        metadata: Of the bundle.
        data: The source of the faces.

    Raises:
        DataError: They can't be read.
    """
    # Bad rows don't matter: the fingerprint tells whether the others are what was trained on.
    faces = read_faces(data, size=metadata.size, skip_bad=True)
    own = [member.fingerprint == faces.fingerprint for member in metadata.members]
    return EvaluationData(
        _divided(faces, metadata) if all(own) else faces, faces.fingerprint, all(own), any(own)
    )


def predictions_of_bundle(bundle: Bundle, known: EvaluationData, split: str) -> Predictions:
    """Return what a bundle says about one split.

    Args:
        bundle: The bundle.
        known: Faces of all splits.
        split: "validation", "test", "train" or "all".

    Raises:
        DataError: No face is in that split, or the classes are not the bundle's.
        BundleError: Its graph can't be run.
    """
    some = faces_in(known.faces, split)
    if some.classes != bundle.metadata.classes:
        raise DataError(
            f"{some.source}: classes {', '.join(some.classes)}, but bundle {bundle.name} knows "
            f"{', '.join(bundle.metadata.classes)}; evaluate it on a source with those"
        )
    training = known.faces.of_split(TRAIN).images
    return predictions_for(
        some,
        probabilities_of_bundle(bundle, some.images),
        split=split,
        system=_system(bundle),
        seen=seen_among(some.images, training) if known.by_all and len(training) else None,
        own=known.by_all,
    )


def predictions_on_same(bundle: Bundle, found: Predictions) -> Predictions:
    """Return what a bundle says about the very faces of other predictions, for a comparison.

    Raises:
        PredictionsError: They came without faces, or with others than the bundle looks at.
        BundleError: Its graph can't be run.
    """
    metadata = bundle.metadata
    if found.faces is None:
        raise PredictionsError(
            f"{found.system} came without faces to show to bundle {bundle.name}; "
            "say where they are with --data and --split"
        )
    theirs, ours = _faces(found.classes, found.faces.shape[1]), _faces(metadata.classes, metadata.size)
    if theirs != ours:
        raise PredictionsError(
            f"{found.system} is about {theirs}, bundle {bundle.name} about {ours}; "
            "a comparison needs both on the same faces"
        )
    probabilities = probabilities_of_bundle(bundle, found.faces)
    # Two bundles may call themselves the same; the words they were asked for by tell them apart.
    system = _system(bundle) if _system(bundle) != found.system else f"bundle {bundle.name}"
    return replace(found, probabilities=probabilities, system=system, seen=None, weights="", own=False)


def probabilities_of_bundle(bundle: Bundle, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a bundle's calibrated probabilities (n, classes) for faces (n, side, side), gray, not equalized.

    Raises:
        BundleError: Its graph can't be run.
    """
    preprocess = Preprocess(clahe=bundle.metadata.clahe)
    answers = np.empty((len(images), len(bundle.metadata.classes)), np.float32)
    with blaming(bundle.name):
        session = open_session(bundle.content, usable_cores())
        for start in range(0, len(images), BATCH):
            faces = equalize(images[start : start + BATCH], preprocess)
            answers[start : start + BATCH] = session.run([PROBABILITIES], {INPUT: faces})[0]
    return answers


def report_folder(bundle: Bundle, known: EvaluationData, split: str) -> Path:
    """Return where a report belongs: below the current folder, since a bundle may lie inside a package."""
    name = split if known.by_some else f"{name_of_source(known.faces)}-{split}"
    return Path(f"{Path(bundle.name).stem}-report") / name


def _divided(faces: FaceSet, metadata: BundleMetadata) -> FaceSet:
    """The faces with the validation split of the training, which the networks of a bundle share."""
    first = metadata.members[0]
    share, seed = first.part("data").get("holdout"), first.part("train").get("seed")
    if faces.in_split(VALIDATION).any() or share is None or seed is None:
        return faces
    return with_validation(faces, share, seed)


def _system(bundle: Bundle) -> str:
    return f"bundle {bundle.metadata.name}"


def _faces(classes: tuple[str, ...], size: int) -> str:
    return f"faces of {size}x{size} pixels, {', '.join(classes)}"
