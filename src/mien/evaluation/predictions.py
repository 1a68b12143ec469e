"""Predictions: the contract between whatever gave probabilities and every report.

A run saves them once; from then on no report needs the network, the data or torch again. The
file is an `.npz` without pickled objects: any numpy reads it.
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

FORMAT = "mien predictions 1"
"""Stands in every file, so that another program's `.npz` is recognized as foreign."""

TEXTS = ("split", "source", "system", "weights")
OPTIONAL = ("faces", "seen")

SUM_TOLERANCE = 1e-3
"""The probabilities of a face may miss 1 by this much; half precision does."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """The probabilities one system gave for the faces of one split. Arrays are read-only.

    Attributes:
        probabilities: float32, (n, classes), rows sum to 1.
        labels: int64, (n,); a position in `classes`, or -1 where the truth is not known.
        ids: str, (n,); the names of the faces in their source.
        classes: Names of the classes, in the order of the columns.
        split: "validation", "test", or another word for which faces these are.
        faces: uint8, (n, side, side), for the pictures of a report; None without them.
        seen: bool, (n,), True where the face is pixel-identical to a training face; None if unknown.
        source: Where the faces came from.
        system: What gave the probabilities, as reports shall call it.
        weights: Digest of the checkpoint that gave them, by which a run knows its own; "" without.
        own: The faces are those that all of the system was trained with, divided as they were for it;
            False if they aren't, or that is unknown.
        leakage_warnings: Sentences on why numbers may be better than the system is, beyond what `own` and `seen`
            tell; "" if nothing is known to speak against them.
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.int64]
    ids: NDArray[np.str_]
    classes: tuple[str, ...]
    split: str
    faces: NDArray[np.uint8] | None = None
    seen: NDArray[np.bool_] | None = None
    source: str = ""
    system: str = ""
    weights: str = ""
    own: bool = False
    leakage_warnings: str = ""

    def __post_init__(self) -> None:
        """Check shapes, types and ranges, and make the arrays read-only.

        Raises:
            PredictionsError: The parts don't fit each other, or a row is no distribution.
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
        if self.seen is not None:
            _require_array("seen", self.seen, np.bool_, (n,))
        if self.faces is not None:
            size = self.faces.shape[-1] if self.faces.ndim else 0
            _require_array("faces", self.faces, np.uint8, (n, size, size))
        _require_distributions(self.probabilities)
        for array in (self.probabilities, self.labels, self.ids, self.faces, self.seen):
            if array is not None:
                array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The most probable class of each face, (n,)."""
        answers: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return answers

    @property
    def confidence(self) -> NDArray[np.float32]:
        """The probability of the most probable class of each face, (n,)."""
        top: NDArray[np.float32] = self.probabilities.max(axis=1)
        return top

    @property
    def correct(self) -> NDArray[np.bool_]:
        """A mask (n,) of the faces whose most probable class is the true one."""
        mask: NDArray[np.bool_] = self.predicted == self.labels
        return mask


def predictions_for(
    faces: FaceSet,
    probabilities: NDArray[np.floating],
    *,
    split: str,
    system: str,
    seen: NDArray[np.bool_] | None = None,
    weights: str = "",
    own: bool = False,
    leakage_warnings: str = "",
) -> Predictions:
    """Return what `system` said about `faces`, which are the faces of one split.

    Args:
        faces: The faces of the split, n of them.
        probabilities: (n, classes), rows sum to 1, in the order of `faces`.
        split: Name of the split.
        system: What gave the probabilities.
        seen: (n,), the faces whose pixels also occur in training; None if unknown.
        weights: Digest of the checkpoint, if there is one.
        own: They are faces that the system was trained with, divided as they were for it.
        leakage_warnings: Why numbers on these faces may be too good, in sentences.

    Raises:
        PredictionsError: The probabilities don't fit the faces.
    """
    return Predictions(
        probabilities=np.array(probabilities, np.float32),
        labels=faces.labels,
        ids=faces.ids,
        classes=faces.classes,
        split=split,
        faces=faces.images,
        seen=seen,
        source=faces.source,
        system=system,
        weights=weights,
        own=own,
        leakage_warnings=leakage_warnings,
    )


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Write `predictions` to `path` atomically, as a compressed `.npz`.

    Raises:
        MienError: The place can't be written to.
    """
    arrays: dict[str, Any] = {
        "format": np.array(FORMAT),
        "probabilities": predictions.probabilities,
        "labels": predictions.labels,
        "ids": predictions.ids,
        "classes": np.array(predictions.classes, np.str_),
        "own": np.array(predictions.own),
        "leakage_warnings": np.array(predictions.leakage_warnings, np.str_),
        **{name: np.array(getattr(predictions, name), np.str_) for name in TEXTS},
        **{name: getattr(predictions, name) for name in OPTIONAL},
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: array for name, array in arrays.items() if array is not None})
    files.write_bytes(path, buffer.getvalue())


def read_predictions(path: str | Path) -> Predictions:
    """Read what `write_predictions` wrote.

    Raises:
        PredictionsError: There is no such file, it is damaged, or it is something else.
    """
    path = Path(path)
    parts = _read_arrays(path)
    if "format" not in parts or str(parts["format"]) != FORMAT:
        raise PredictionsError(
            f"{path}: no predictions of this version of mien (no mark {FORMAT!r}); "
            "give a file that mien evaluate wrote, or a .csv of probabilities"
        )
    try:
        return Predictions(
            probabilities=parts["probabilities"],
            labels=parts["labels"],
            ids=parts["ids"],
            classes=tuple(str(name) for name in parts["classes"]),
            split=str(parts["split"]),
            faces=parts.get("faces"),
            seen=parts.get("seen"),
            source=str(parts["source"]),
            system=str(parts["system"]),
            weights=str(parts["weights"]),
            # Files of before don't tell; they knew what was seen where the faces were the system's own.
            own=str(parts.get("own", "seen" in parts)) == str(True),
            leakage_warnings=str(parts.get("leakage_warnings", "")),
        )
    except KeyError as error:
        raise PredictionsError(f"{path}: lacks {error.args[0]!r}; predict again") from error
    except PredictionsError as error:
        raise PredictionsError(f"{path}: {error}") from error


def _read_arrays(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            zipfile.ZipFile(stream)  # says "not a zip file" where numpy would advise unpickling
            stream.seek(0)
            archive = np.load(stream, allow_pickle=False)
            return {name: archive[name] for name in archive.files}
    except OSError as error:
        raise PredictionsError(
            f"{path}: can't read predictions from it ({error.strerror or error})"
        ) from error
    except (ValueError, EOFError, KeyError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        why = " ".join(str(error).split())[:120]
        raise PredictionsError(
            f"{path}: damaged, or no .npz of predictions ({why}); predict again"
        ) from error


def _require_distributions(probabilities: NDArray[np.float32]) -> None:
    """Refuse the first row that is not finite, within 0..1 and of sum 1."""
    inside = np.isfinite(probabilities).all(axis=1) & (probabilities >= 0).all(axis=1)
    sums = np.where(inside, np.nan_to_num(probabilities).sum(axis=1, dtype=np.float64), np.nan)
    wrong = np.flatnonzero(~(np.abs(sums - 1) <= SUM_TOLERANCE))
    if len(wrong):
        row = int(wrong[0])
        found = ", ".join(f"{value:.4g}" for value in probabilities[row])
        raise PredictionsError(
            f"row {row} is no distribution: {found}; expected numbers from 0 to 1 that sum to 1"
        )


def _require_array(name: str, array: Any, kind: type, shape: tuple[int, ...]) -> None:  # noqa: ANN401 - an ndarray of any type
    fits = array.shape == shape and array.dtype == kind
    _require(fits, f"{name} of shape {array.shape} and type {array.dtype}, expected {shape} {np.dtype(kind)}")


def _require(condition: bool, found: str) -> None:
    if not condition:
        raise PredictionsError(f"these are not the parts of Predictions: {found}")
