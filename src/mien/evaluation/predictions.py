"""Predictions: class probabilities of one system for the faces of one split, in memory and on disk.

Every report is made from predictions alone; it needs neither the network nor the data nor torch. The file
is a compressed `.npz` without pickled objects, which any numpy reads. Files of earlier formats are refused;
a run computes its predictions again.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien import files
from mien.errors import PredictionsError
from mien.faceset import FaceSet
from mien.labels import UNLABELED

FORMAT = "mien predictions 2"
"""Marks every file, so that the `.npz` of another program or version is recognized."""

TEXTS = ("split", "source", "system", "checkpoint_digest")
OPTIONAL = ("images", "in_training")

SUM_TOLERANCE = 1e-3
"""Allowed deviation of the sum of a row from 1; half precision needs it."""


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

    def __post_init__(self) -> None:
        """Check shapes, types and ranges, and make the arrays read-only.

        Raises:
            PredictionsError: Shapes or types do not match, or a row is not a distribution.
        """
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
        if self.in_training is not None:
            _require_array("in_training", self.in_training, np.bool_, (n,))
        if self.images is not None:
            size = self.images.shape[1] if self.images.ndim > 1 else 0
            color = (3,) if self.images.ndim == 4 else ()
            _require_array("images", self.images, np.uint8, (n, size, size, *color))
        _require_distributions(self.probabilities)
        for array in (self.probabilities, self.labels, self.ids, self.images, self.in_training):
            if array is not None:
                array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.labels)

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


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write `predictions` to `path` atomically, as a compressed `.npz`.

    Raises:
        MienError: `path` can't be written.
    """
    arrays: dict[str, Any] = {
        "format": np.array(FORMAT),
        "probabilities": predictions.probabilities,
        "labels": predictions.labels,
        "ids": predictions.ids,
        "classes": np.array(predictions.classes, np.str_),
        "from_training_data": np.array(predictions.from_training_data),
        "leakage_warnings": np.array(predictions.leakage_warnings, np.str_),
        "unfinished": np.array(predictions.unfinished, np.str_),
        **{name: np.array(getattr(predictions, name), np.str_) for name in TEXTS},
        **{name: getattr(predictions, name) for name in OPTIONAL},
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: array for name, array in arrays.items() if array is not None})
    files.write_bytes(path, buffer.getvalue())


def read_predictions(path: str | Path) -> Predictions:
    """Read a file of `write_predictions`.

    Raises:
        PredictionsError: There is no such file, it is damaged, or it has another format.
    """
    path = Path(path)
    parts = _read_arrays(path)
    _require_format(path, str(parts.get("format", "")))
    try:
        return Predictions(
            probabilities=parts["probabilities"],
            labels=parts["labels"],
            ids=parts["ids"],
            classes=_texts(parts["classes"]),
            images=parts.get("images"),
            in_training=parts.get("in_training"),
            from_training_data=bool(parts["from_training_data"]),
            leakage_warnings=_texts(parts["leakage_warnings"]),
            unfinished=str(parts.get("unfinished", "")),
            **{name: str(parts[name]) for name in TEXTS},
        )
    except KeyError as error:
        raise PredictionsError(f"{path}: {error.args[0]!r} is missing; predict again") from error
    except PredictionsError as error:
        raise PredictionsError(f"{path}: {error}") from error


def _require_format(path: Path, found: str) -> None:
    if found == FORMAT:
        return
    if found.startswith("mien predictions "):
        raise PredictionsError(f"{path}: written by another version of mien ({found!r}); predict again")
    raise PredictionsError(
        f"{path}: not predictions of mien; expected the .npz of an evaluation, or a .csv of probabilities"
    )


def _texts(array: NDArray[np.str_]) -> tuple[str, ...]:
    return tuple(str(text) for text in array)


def _read_arrays(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            zipfile.ZipFile(stream)  # fails with "not a zip file" where numpy would suggest unpickling
            stream.seek(0)
            archive = np.load(stream, allow_pickle=False)
            return {name: archive[name] for name in archive.files}
    except OSError as error:
        raise PredictionsError(f"{path}: can't read predictions ({error.strerror or error})") from error
    except (ValueError, EOFError, KeyError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        why = " ".join(str(error).split())[:120]
        raise PredictionsError(
            f"{path}: damaged, or not an .npz of predictions ({why}); predict again"
        ) from error


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
