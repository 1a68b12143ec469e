"""Soft targets: predicted probabilities of the training faces from a file, mixed with their labels.

The networks that predicted a face should not have been trained on it: predictions of memorized faces repeat
their labels. So they are made out of fold, each face by networks of the other folds.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.config.recipe import Recipe
from mien.errors import DataError, PredictionsError
from mien.faceset import FaceSet
from mien.labels import TRAIN
from mien.predictions_file import read_predictions
from mien.text import counted
from mien.training.soft_targets.shipped_targets import path_of_targets, read_shipped_targets, shipped_targets

_EXPECTED_FACES: Final = (
    "expected the Training faces of fer2013.csv, 48x48 in gray; an edition in JPEG files has other pixels"
)


@dataclass(frozen=True)
class SoftTargets:
    """Predicted probabilities by id.

    Attributes:
        path: The file, or the name of targets that ship with mien.
        digest: SHA-256 of the file.
        probabilities: float32, (n, classes), rows sum to 1.
        rows: The row of each id.
        alpha: Weight of the probabilities in each target.
        expected: What the predictions must be, for errors.
    """

    path: Path
    digest: str
    probabilities: NDArray[np.float32]
    rows: dict[str, int]
    alpha: float = 1.0
    expected: str = "expected one for each; predict the training faces of this data set"

    def mixed(self, targets: NDArray[np.float32], ids: NDArray[np.str_]) -> NDArray[np.float32]:
        """Return (1 - alpha) * `targets` + alpha * the probabilities of the faces `ids`, (n, classes).

        Raises:
            DataError: A face has no prediction.
        """
        missing = [name for name in ids.tolist() if name not in self.rows]
        if missing:
            raise DataError(
                f"{self.path}: no prediction for {len(missing)} of {counted(len(ids), 'training face')} "
                "(the first is "
                f"{missing[0]}); {self.expected}",
                path=self.path,
            )
        soft = self.probabilities[[self.rows[name] for name in ids.tolist()]]
        return ((1 - self.alpha) * targets + self.alpha * soft).astype(np.float32)


def read_soft_targets(recipe: Recipe, faces: FaceSet) -> SoftTargets | None:
    """Return the soft targets of `distillation.predictions`, or None if the recipe has none.

    Raises:
        PredictionsError: The file is missing or damaged, or has other classes or the same id twice.
    """
    config = recipe.distillation
    if config is None or config.predictions is None:
        return None
    shipped = config.predictions in shipped_targets()
    found = _shipped(config.predictions, faces) if shipped else _from_file(Path(config.predictions), faces)
    return replace(
        found, probabilities=with_temperature(found.probabilities, config.temperature), alpha=config.alpha
    )


def _shipped(name: str, faces: FaceSet) -> SoftTargets:
    """Return the targets that ship under `name` for the training faces among `faces`."""
    found = read_shipped_targets(name)
    _require_same_classes(Path(name), found.classes, faces)
    training = np.flatnonzero(faces.in_split(TRAIN))
    positions = found.positions(faces.images[training])
    known = positions >= 0
    rows = dict(zip(faces.ids[training[known]].tolist(), positions[known].tolist(), strict=True))
    return SoftTargets(
        Path(name), _digest(path_of_targets(name)), found.probabilities, rows,
        expected=_EXPECTED_FACES,
    )  # fmt: skip


def _from_file(path: Path, faces: FaceSet) -> SoftTargets:
    found = read_predictions(path)
    _require_same_classes(path, found.classes, faces)
    rows = {name: row for row, name in enumerate(found.ids.tolist())}
    if len(rows) < len(found):
        raise PredictionsError(
            f"{path}: an id occurs twice among its {counted(len(found), 'prediction')}", path=path
        )
    return SoftTargets(path, _digest(path), found.probabilities, rows)


def _require_same_classes(path: Path, classes: tuple[str, ...], faces: FaceSet) -> None:
    if classes != faces.classes:
        raise PredictionsError(
            f"{path}: predictions of {', '.join(classes)}, but {faces.source} has "
            f"{', '.join(faces.classes)}; expected the same classes",
            path=path,
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def with_temperature(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return the probabilities as if their logits had been divided by `temperature`, (n, classes)."""
    powers = probabilities.astype(np.float64) ** (1 / temperature)
    shares: NDArray[np.float32] = (powers / powers.sum(1, keepdims=True)).astype(np.float32)
    return shares
