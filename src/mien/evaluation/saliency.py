"""What a system bases its classes on: mean maps of each class, and maps of its most confident errors.

The map of a single face is noisy with few random masks. A mean over faces needs few masks of each, if each
face gets others: with seven classes, a report takes about 10,000 predictions.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.bundles.reading import Bundle
from mien.errors import PredictionsError
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.examples import evenly_spaced
from mien.evaluation.systems import System, open_system
from mien.explanation.base import Model
from mien.explanation.bundles import model_of_bundle
from mien.explanation.regions import Part, parts_of
from mien.explanation.rise import Rise
from mien.figures.many_classes import largest_classes
from mien.openmp import import_torch
from mien.predictions import Predictions
from mien.training.run_folder.run import RunFolder

FACES: Final = 16
"""Correctly classified faces of a class whose maps are averaged, at most."""

LEAST_FACES: Final = 5
"""A class with fewer correctly classified faces has no mean map."""

MASKS: Final = 60
"""For each of these faces."""

ERRORS: Final = 8
ERROR_MASKS: Final = 300
"""For each of the most confident errors."""


@dataclass(frozen=True, eq=False)
class ClassSaliency:
    """The mean map of the correctly classified faces of one class.

    Attributes:
        name: Of the class.
        count: Number of faces.
        face: Their mean, uint8 (size, size) or (size, size, 3).
        saliency: Mean gain of the probability of the class when a pixel is visible, float32 (size, size).
    """

    name: str
    count: int
    face: NDArray[np.uint8]
    saliency: NDArray[np.float32]

    @property
    def parts(self) -> list[Part]:
        """The parts of the face by the saliency in them."""
        return parts_of(self.saliency)


@dataclass(frozen=True, eq=False)
class ErrorSaliency:
    """The maps of a misclassified face.

    Attributes:
        index: Of the face in the predictions.
        face: uint8, (size, size) or (size, size, 3).
        predicted: Name of the predicted class.
        label: Name of the true class.
        maps: float32 (2, size, size), for the predicted and for the true class.
    """

    index: int
    face: NDArray[np.uint8]
    predicted: str
    label: str
    maps: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Saliency:
    """Maps of a split."""

    classes: tuple[ClassSaliency, ...]
    errors: tuple[ErrorSaliency, ...]


def model_of_system(system: System, device: str = "auto") -> Model:
    """Return a run or a bundle as a model.

    Raises:
        PredictionsError: It is predictions, without the network that made them.
        MienError: It can't be read.
    """
    opened = open_system(system)
    if isinstance(opened, RunFolder):
        import_torch()
        from mien.explanation.networks import model_of_run

        return model_of_run(opened, device)
    if isinstance(opened, Bundle):
        return model_of_bundle(opened)
    raise PredictionsError("maps need a run or a bundle; predictions don't have the network that made them")


def saliency_of(model: Model, predictions: Predictions, evaluation: Evaluation) -> Saliency:
    """Return the mean map of each class, and the maps of the most confident errors.

    Args:
        model: What made the predictions.
        predictions: With images.
        evaluation: Their metrics.

    Raises:
        PredictionsError: There are no images.
    """
    images = predictions.require_images("saliency maps")
    support = [row.support for row in evaluation.per_class]
    classes = (_of_class(model, predictions, images, at) for at in largest_classes(support))
    errors = (
        _of_error(model, predictions, images, error.index) for error in evaluation.confident_errors[:ERRORS]
    )
    return Saliency(tuple(one for one in classes if one is not None), tuple(errors))


def _of_class(
    model: Model, predictions: Predictions, images: NDArray[np.uint8], label: int
) -> ClassSaliency | None:
    correct = np.flatnonzero(predictions.correct & (predictions.labels == label))
    if len(correct) < LEAST_FACES:
        return None
    chosen = correct[evenly_spaced(len(correct), FACES)]
    target = np.array([[label]], np.int64)
    maps = [
        Rise(MASKS, seed=number)(model, images[at : at + 1], target)[0, 0]
        for number, at in enumerate(chosen.tolist())
    ]
    mean = images[correct].mean(axis=0, dtype=np.float64)
    return ClassSaliency(
        predictions.classes[label], len(chosen), np.rint(mean).astype(np.uint8), np.mean(maps, axis=0)
    )


def _of_error(model: Model, predictions: Predictions, images: NDArray[np.uint8], index: int) -> ErrorSaliency:
    targets = np.array([[predictions.predicted[index], predictions.labels[index]]], np.int64)
    predicted, label = (predictions.classes[at] for at in targets[0].tolist())
    maps = Rise(ERROR_MASKS)(model, images[index : index + 1], targets)[0]
    return ErrorSaliency(index, images[index], predicted, label, maps)
