"""Predictions: class probabilities of one system for the faces of one split.

Every report is made from predictions alone; it needs neither the network nor the data nor torch.
`predictions_file` writes and reads them.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.faceset import FaceSet, require_index
from mien.labels import UNLABELED

SUM_TOLERANCE = 1e-3
"""Allowed deviation of the sum of a row from 1; half precision needs it."""

_OPTIONAL: Final = ("images", "in_training", "doubtful")
_ARRAYS: Final = ("probabilities", "labels", "ids", *_OPTIONAL)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Class probabilities of one system for the faces of one split. Arrays are read-only.

    Attributes:
        probabilities: float32, (n, classes), rows sum to 1.
        labels: int64, (n,); true class as an index into `classes`, or -1 if unknown.
        ids: str, (n,); the names of the faces in their source.
        classes: Names of the classes, in the order of the columns.
        split: "validation", "test", or another name for this set of faces.
        images: uint8, (n, size, size) gray or (n, size, size, 3) RGB, for the figures of a report; or None.
        in_training: bool, (n,); True where the image is pixel-identical to a training image; None if unknown.
        source: Where the faces come from.
        system: Name of what made the predictions, for reports.
        checkpoint_digest: Digest of the checkpoint that made them, to recognize stale files; or "".
        from_training_data: The faces are from the data set on which every network of the system was trained,
            with the same splits; False if they are not, or if that is unknown.
        leakage_warnings: Reasons why scores on these faces may be too high, one sentence each, beyond
            `from_training_data` and `in_training`.
        unfinished: A sentence if the training of the system was not finished; or "".
        doubtful: bool, (n,); the faces whose labels an audit doubts; None without one. It is not saved.
        threshold: Confidence below which the system calls a face uncertain, 0 to 1; None if it has none.
            At 1 all faces are uncertain.
        only_classes: The system predicts classes without probabilities: that of the predicted class is 1.
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.int64]
    ids: NDArray[np.str_]
    classes: tuple[str, ...]
    split: str
    images: NDArray[np.uint8] | None = None
    in_training: NDArray[np.bool_] | None = None
    source: str = ""
    system: str = ""
    checkpoint_digest: str = ""
    from_training_data: bool = False
    leakage_warnings: tuple[str, ...] = ()
    unfinished: str = ""
    doubtful: NDArray[np.bool_] | None = None
    threshold: float | None = None
    only_classes: bool = False

    def __post_init__(self) -> None:
        """Check shapes, types and ranges, and make the arrays read-only.

        Raises:
            PredictionsError: Shapes or types do not match, or a row is not a distribution.
        """
        self._require_types()
        n, k = len(self.labels), len(self.classes)
        _require(
            k >= 2 and len(set(self.classes)) == k,
            f"classes {self.classes}, expected two or more different names",
        )
        _require_array("probabilities", self.probabilities, np.float32, (n, k))
        _require_array("labels", self.labels, np.int64, (n,))
        _require(
            self.ids.shape == (n,) and self.ids.dtype.kind == "U",
            f"ids of shape {self.ids.shape} and type {self.ids.dtype}, expected ({n},) strings",
        )
        _require(bool(((self.labels >= UNLABELED) & (self.labels < k)).all()), f"a label outside 0..{k - 1}")
        for name in ("in_training", "doubtful"):
            if getattr(self, name) is not None:
                _require_array(name, getattr(self, name), np.bool_, (n,))
        if self.images is not None:
            size = self.images.shape[1] if self.images.ndim > 1 else 0
            color = (3,) if self.images.ndim == 4 else ()
            _require_array("images", self.images, np.uint8, (n, size, size, *color))
        _require_distributions(self.probabilities)
        for array in self._arrays().values():
            array.flags.writeable = False

    def _require_types(self) -> None:
        for name in _ARRAYS:
            value = getattr(self, name)
            is_missing = value is None and name in _OPTIONAL
            fits = is_missing or (isinstance(value, np.ndarray) and value.ndim > 0)
            _require(fits, f"{name} of type {type(value).__name__}, expected an array of numpy")
        for name in ("classes", "leakage_warnings"):
            value = getattr(self, name)
            texts = isinstance(value, tuple) and all(isinstance(text, str) for text in value)
            _require(texts, f"{name} of type {type(value).__name__}, expected a tuple of strings")
        for name in ("split", "source", "system", "checkpoint_digest", "unfinished"):
            value = getattr(self, name)
            _require(isinstance(value, str), f"{name} of type {type(value).__name__}, expected a string")
        limit = self.threshold
        is_limit = limit is None or (isinstance(limit, int | float) and 0 <= limit <= 1)
        _require(is_limit, "threshold: expected None or a number from 0 to 1")
        for name in ("from_training_data", "only_classes"):
            flag = getattr(self, name)
            _require(isinstance(flag, bool), f"{name} of type {type(flag).__name__}, expected a bool")

    def _arrays(self) -> dict[str, Any]:
        """The arrays by name, without those that are None."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        return {name: array for name, array in arrays.items() if array is not None}

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[np.bool_] | NDArray[np.int64]) -> "Predictions":
        """Return the predictions at `index`, a mask (n,) or positions (m,), in that order.

        Raises:
            DataError: `index` is of another type or shape, or has a position that does not exist.
        """
        index = require_index(index, len(self))
        return replace(self, **{name: array[index] for name, array in self._arrays().items()})

    def require_images(self, purpose: str) -> NDArray[np.uint8]:
        """Return the images.

        Args:
            purpose: What needs them, for the error.

        Raises:
            PredictionsError: There are none.
        """
        if self.images is None:
            raise PredictionsError(f"{self.system}: predictions without images, which {purpose} need")
        return self.images

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The most probable class of each face, (n,)."""
        classes: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return classes

    @property
    def confidence(self) -> NDArray[np.float32]:
        """The probability of the most probable class of each face, (n,)."""
        top: NDArray[np.float32] = self.probabilities.max(axis=1)
        return top

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Mask (n,) of the faces whose predicted class is the true class."""
        mask: NDArray[np.bool_] = self.predicted == self.labels
        return mask

    def require_probabilities(self, purpose: str, name: str = "") -> None:
        """Check that the system predicts probabilities, which `purpose` needs.

        Args:
            purpose: Such as "an audit".
            name: Of the predictions in the error, such as their file; `system` by default.

        Raises:
            PredictionsError: It predicts classes only.
        """
        if self.only_classes:
            raise PredictionsError(
                f"{name or self.system}: predicted classes without probabilities, which {purpose} needs"
            )


def predictions_for(
    faces: FaceSet,
    probabilities: NDArray[np.floating],
    *,
    split: str,
    system: str,
    in_training: NDArray[np.bool_] | None = None,
    checkpoint_digest: str = "",
    from_training_data: bool = False,
    leakage_warnings: tuple[str, ...] = (),
) -> Predictions:
    """Return the predictions of `system` for `faces`, which are the faces of one split.

    Args:
        faces: The faces of the split, n of them.
        probabilities: (n, classes), rows sum to 1, in the order of `faces`.
        split: Name of the split.
        system: Name of what made the predictions.
        in_training: (n,), the faces that are pixel-identical to a training face; None if unknown.
        checkpoint_digest: Digest of the checkpoint, if there is one.
        from_training_data: See `Predictions`.
        leakage_warnings: Reasons why scores on these faces may be too high, one sentence each.

    Raises:
        PredictionsError: The probabilities do not fit the faces.
    """
    return Predictions(
        probabilities=np.array(probabilities, np.float32),
        labels=faces.labels,
        ids=faces.ids,
        classes=faces.classes,
        split=split,
        images=faces.images,
        in_training=in_training,
        source=faces.source,
        system=system,
        checkpoint_digest=checkpoint_digest,
        from_training_data=from_training_data,
        leakage_warnings=leakage_warnings,
    )


def _require_distributions(probabilities: NDArray[np.float32]) -> None:
    """Check that every row is finite, not negative and sums to 1."""
    inside = np.isfinite(probabilities).all(axis=1) & (probabilities >= 0).all(axis=1)
    sums = np.where(inside, np.nan_to_num(probabilities).sum(axis=1, dtype=np.float64), np.nan)
    wrong = np.flatnonzero(~(np.abs(sums - 1) <= SUM_TOLERANCE))
    if len(wrong):
        row = int(wrong[0])
        found = ", ".join(f"{value:.4g}" for value in probabilities[row])
        raise PredictionsError(
            f"row {row} is not a distribution: {found}; expected numbers from 0 to 1 that sum to 1"
        )


def _require_array(name: str, array: Any, kind: type, shape: tuple[int, ...]) -> None:  # noqa: ANN401 - an ndarray of any type
    fits = array.shape == shape and array.dtype == kind
    _require(fits, f"{name} of shape {array.shape} and type {array.dtype}, expected {shape} {np.dtype(kind)}")


def _require(condition: bool, found: str) -> None:
    if not condition:
        raise PredictionsError(f"invalid predictions: {found}")
