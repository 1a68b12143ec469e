"""The systems of a leaderboard: predictions on the same data, and how large and fast each system is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.bundles.reading import Bundle
from mien.errors import PredictionsError
from mien.evaluation.bundles import predictions_for_same_faces
from mien.evaluation.leaderboard.speed import milliseconds_per_face, run_predictor
from mien.evaluation.probability_csv.reading import UNNAMED, CsvReading, read_csv
from mien.evaluation.request import Request
from mien.evaluation.systems import System, faces_of_data, open_system, predictions_of
from mien.faceset import FaceSet
from mien.models.bundle_predictor import bundle_predictor
from mien.predictions import Predictions
from mien.training.run_folder.checkpoint_header import BEST, network_bytes
from mien.training.run_folder.run import RunFolder

KINDS: Final = {RunFolder: "run", Bundle: "bundle", Predictions: "predictions"}


@dataclass(frozen=True)
class Entrant:
    """A system with its predictions.

    Attributes:
        predictions: For the faces that it has a prediction of; their `system` is its name.
        kind: "run", "bundle", "predictions" or "CSV".
        path: Of the system; "" if it was given as a value.
        missing: Number of faces of the split without a prediction.
        notes: How a file was read, one sentence each.
        milliseconds: Per face; None if it was not measured.
        size: Bytes; None if unknown.
    """

    predictions: Predictions
    kind: str
    path: str = ""
    missing: int = 0
    notes: tuple[str, ...] = ()
    milliseconds: float | None = None
    size: int | None = None


def read_entrants(
    systems: Sequence[System], request: Request, *, names: Sequence[str] | None = None, speed: bool = True
) -> list[Entrant]:
    """Return each system with its predictions.

    Args:
        systems: Two or more.
        request: What they are evaluated on. Without a data set, CSVs are about the faces of the first run or
            other predictions, and bundles predict those of the first one that has images.
        names: A name for each system; by default that of its run, bundle or file.
        speed: Measure the time per face of runs and bundles.

    Raises:
        MienError: There is no such system, or its faces can't be read or predicted.
    """
    opened = [open_system(system) for system in systems]
    found: dict[int, Entrant] = {}
    faces = _CsvFaces(request)
    # Bundles and CSVs last: without a data set they need the faces of another system.
    for number in sorted(range(len(opened)), key=lambda number: _needs_faces(opened[number])):
        found[number] = _entrant(systems[number], opened[number], faces, list(found.values()))
        if speed:
            found[number] = _with_speed(found[number], opened[number], request)
    return _named([found[number] for number in range(len(opened))], names)


def _needs_faces(opened: object) -> int:
    """The place in the order of reading."""
    if isinstance(opened, RunFolder | Predictions):
        return 0
    return 1 if isinstance(opened, Bundle) else 2


def _entrant(
    system: System,
    opened: RunFolder | Bundle | Predictions | Path,
    faces: "_CsvFaces",
    others: Sequence[Entrant],
) -> Entrant:
    request = faces.request
    path = "" if isinstance(system, Predictions | Bundle) else str(getattr(system, "path", system))
    if isinstance(opened, Path):
        reading = faces.read(opened, others)
        return Entrant(reading.predictions, "CSV", path, len(reading.missing), reading.notes)
    if isinstance(opened, Bundle) and request.data is None:
        predictions = _of_other_faces(opened, others)
    else:
        predictions = _predictions(opened, request)
    return Entrant(predictions, KINDS.get(type(opened), "run"), path, size=_size(opened))


def _size(opened: RunFolder | Bundle | Predictions) -> int | None:
    if isinstance(opened, Bundle):
        return len(opened.content)
    return network_bytes(opened.checkpoints / BEST) if isinstance(opened, RunFolder) else None


def _predictions(opened: RunFolder | Bundle | Predictions, request: Request) -> Predictions:
    """The predictions of a system; only runs have a test-time augmentation to choose."""
    tta = request.tta and isinstance(opened, RunFolder)
    return predictions_of(opened, replace(request, tta=tta)).predictions


def _of_other_faces(bundle: Bundle, others: Sequence[Entrant]) -> Predictions:
    known = next((one.predictions for one in others if one.predictions.images is not None), None)
    if known is None:
        raise PredictionsError(
            f"bundle {bundle.name}: a bundle has no faces; pass data=... with a data set (no other system "
            "has images)"
        )
    return predictions_for_same_faces(bundle, known)


class _CsvFaces:
    """The faces that CSVs are about: of the data set, which is read once, or of another system."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @cached_property
    def of_data(self) -> tuple[FaceSet, NDArray[np.bool_] | None] | None:
        """The faces of the split of the data set, and which of them are in its training split."""
        data = self.request.data
        return None if data is None else faces_of_data(data, self.request, self.split, skip_bad=True)

    @property
    def split(self) -> str:
        """The split of the data set."""
        return self.request.split_of_network

    def read(self, path: Path, others: Sequence[Entrant]) -> CsvReading:
        """Return what a CSV holds for these faces; without any faces it needs the true classes."""
        if self.of_data is not None:
            faces, duplicates = self.of_data
            return read_csv(path, faces, split=self.split, in_training=duplicates)
        known = next((one.predictions for one in others if one.kind != "CSV"), None)
        if known is None:
            return read_csv(path, split=self.request.split or UNNAMED)
        reading = read_csv(path, _faces_of(known), split=known.split, in_training=known.in_training)
        if known.images is None:
            return replace(reading, predictions=replace(reading.predictions, images=None))
        return reading


def _faces_of(known: Predictions) -> FaceSet:
    """The faces of predictions; without images they are blank."""
    n = len(known)
    images = np.zeros((n, 1, 1), np.uint8) if known.images is None else known.images
    splits = np.zeros(n, np.uint8)
    return FaceSet(images, known.labels, splits, known.ids, known.classes, source=known.source)


def _named(entrants: list[Entrant], names: Sequence[str] | None) -> list[Entrant]:
    """The systems with different names: the given ones, or their own with a number where they repeat."""
    if names is not None:
        texts = all(isinstance(name, str) and name for name in names)
        if not texts or len(names) != len(entrants) or len(set(names)) < len(names):
            raise PredictionsError(
                f"names {', '.join(map(str, names))}: expected {len(entrants)} different names, one for each "
                "system"
            )
        chosen = list(names)
    else:
        chosen = _distinct([entrant.predictions.system or "unnamed" for entrant in entrants])
    return [
        replace(entrant, predictions=replace(entrant.predictions, system=name))
        for entrant, name in zip(entrants, chosen, strict=True)
    ]


def _distinct(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in found:
            number += 1
            candidate = f"{name} ({number})"
        found.append(candidate)
    return found


def _with_speed(entrant: Entrant, opened: object, request: Request) -> Entrant:
    images = entrant.predictions.images
    if images is None or not len(images):
        return entrant
    if isinstance(opened, Bundle):
        return replace(entrant, milliseconds=milliseconds_per_face(bundle_predictor(opened), images))
    if isinstance(opened, RunFolder):
        predict = run_predictor(opened, tta=request.tta, device=request.device)
        if predict is not None:
            return replace(entrant, milliseconds=milliseconds_per_face(predict, images))
    return entrant
