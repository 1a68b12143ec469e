"""A leaderboard: several systems on the same faces, with paired tests, ranks and agreement."""

from html import escape
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from mien.arguments import TEXT, checked
from mien.config.base import Fraction, Strict
from mien.data_frame import data_frame
from mien.errors import PredictionsError
from mien.evaluation.calibration.threshold import TARGET_ACCURACY
from mien.evaluation.comparison import Comparison
from mien.evaluation.evaluation import AccuracyEstimate
from mien.percent import percent
from mien.registry import did_you_mean
from mien.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas

COLUMNS: Final = (
    "rank", "system", "kind", "accuracy", "accuracy_low", "accuracy_high", "rank_low", "rank_high",
    "probability_best", "accuracy_without_duplicates", "balanced_accuracy", "macro_f1", "log_loss",
    "calibration_error", "coverage", "threshold", "milliseconds_per_face", "megabytes", "faces",
    "missing_faces", "path",
)  # fmt: skip
"""Columns of leaderboard.csv and of `Leaderboard.to_frame`."""


class Standing(Strict):
    """One system of a leaderboard."""

    system: str
    kind: str
    """"run", "bundle", "predictions" or "CSV"."""
    path: str
    """The file or folder; "" if the system was given as a value."""
    rank: int
    """By accuracy, from 1; equal systems share the better rank."""
    rank_interval: tuple[int, int]
    """95 % interval of the rank: paired bootstrap, 10,000 samples."""
    rank_probabilities: tuple[Fraction, ...]
    """Share of the bootstrap samples in which the system has rank 1, 2, ..."""
    accuracy: Fraction
    interval: tuple[float, float]
    """95 % interval of the accuracy (Wilson)."""
    balanced_accuracy: Fraction
    macro_f1: Fraction
    class_f1: tuple[Fraction, ...]
    """F1 of each class, in the order of `Leaderboard.classes`."""
    log_loss: float | None
    """None if the system has predicted classes without probabilities; so are the next three."""
    calibration_error: Fraction | None
    coverage: Fraction | None
    """Largest share of faces, the most confident ones, with the selective accuracy `target_accuracy`."""
    threshold: float | None
    """The confidence of that coverage; None if no threshold reaches the target."""
    without_duplicates: AccuracyEstimate | None
    """Without faces that are pixel-identical to a training face of the data set; None if that is unknown."""
    only_correct: int
    """Faces that only this system classifies correctly."""
    faces: int
    """Faces with a prediction of this system, also those that another system lacks."""
    missing: int
    """Faces without a prediction of this system."""
    milliseconds: float | None = None
    """Time per face in batches of 16, without reading and detection; None if it was not measured."""
    size: int | None = None
    """Bytes of the bundle, or of a run's weights; None for files of predictions."""
    notes: tuple[str, ...] = ()
    """How a file was read, and what limits the estimate, one sentence each."""


class Leaderboard(Strict):
    """Several systems on the same `n` faces, best first.

    `to_frame` returns the table.
    """

    source: str
    split: str
    n: int
    """Faces with a prediction of every system."""
    left_out: int
    """Faces that lack a prediction of some system; nothing is computed on them."""
    classes: tuple[str, ...]
    target_accuracy: Fraction = TARGET_ACCURACY
    systems: Annotated[tuple[Standing, ...], Field(min_length=2)]
    pairs: tuple[Comparison, ...]
    """Paired tests of each system with each that is below it; p-values are Holm-corrected over all pairs."""
    agreement: tuple[tuple[Fraction, ...], ...]
    """Share of faces for which two systems predict the same class; rows and columns as `systems`."""
    oracle_accuracy: Fraction
    """Share of faces that at least one system classifies correctly."""
    unanimous_accuracy: Fraction
    """Share of faces that all systems classify correctly."""
    mean_accuracy: Fraction | None
    """Accuracy of the mean of all systems' probabilities; None if a system has none."""
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> Standing:
        """The system of highest accuracy."""
        return self.systems[0]

    @property
    def tied_with_best(self) -> tuple[Standing, ...]:
        """Other systems that are not significantly worse than the best one."""
        name = self.best.system
        return tuple(one for one in self.systems[1:] if not self.comparison(name, one.system).significant)

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        best, tied = self.best, self.tied_with_best
        others = len(self.systems) - 1
        lead = f"{best.system} has the highest accuracy, {percent(best.accuracy, 2)}"
        if not tied:
            than = {1: "the other system", 2: "both other systems"}.get(others, f"all {others} other systems")
            return f"{lead}, and is significantly better than {than} on these {counted(self.n, 'face')}."
        names = ", ".join(one.system for one in tied)
        return f"{lead}, but is not significantly better than {names} on these {counted(self.n, 'face')}."

    @checked(PredictionsError, system=TEXT, against=TEXT)
    def comparison(self, system: str, against: str) -> Comparison:
        """Return the paired test of two systems; its difference is that of `system` minus `against`.

        Raises:
            PredictionsError: There is no such system, or both are the same.
        """
        for name in (system, against):
            self._require_name(name)
        for pair in self.pairs:
            if (pair.system, pair.against) == (system, against):
                return pair
            if (pair.against, pair.system) == (system, against):
                return pair.reversed()
        raise PredictionsError(f"system {system!r} is compared with itself; name two different systems")

    def to_frame(self) -> "pandas.DataFrame":
        """Return the table as a pandas DataFrame, best first.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return data_frame(self.rows(), COLUMNS)

    def rows(self) -> "Iterator[tuple[str | int | float | None, ...]]":
        """Yield a row for each system in the order of `COLUMNS`."""
        for one in self.systems:
            clean = one.without_duplicates
            yield (
                one.rank, one.system, one.kind, one.accuracy, *one.interval, *one.rank_interval,
                one.rank_probabilities[0], clean.accuracy if clean else None,
                one.balanced_accuracy, one.macro_f1, one.log_loss, one.calibration_error, one.coverage,
                one.threshold, one.milliseconds,
                None if one.size is None else one.size / 1e6, one.faces, one.missing, one.path,
            )  # fmt: skip

    def _repr_html_(self) -> str:
        """Return the table for notebooks."""
        head = "".join(
            f"<th>{name}</th>" for name in ("rank", "system", "accuracy", "log loss", "ECE", "coverage")
        )
        rows = "".join(
            f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(one))}</tr>" for one in self.systems
        )
        return f"<table><caption>{escape(self.verdict)}</caption><tr>{head}</tr>{rows}</table>"

    def _require_name(self, name: str) -> None:
        names = [one.system for one in self.systems]
        if name not in names:
            guess = did_you_mean(name, names)
            raise PredictionsError(f"no system {name!r}{guess}; the systems are {', '.join(names)}")

    def __repr__(self) -> str:
        return f"<Leaderboard of {counted(len(self.systems), 'system')}: {self.verdict}>"

    __str__ = __repr__


def _cells(one: Standing) -> tuple[str, ...]:
    low, high = one.interval
    return (
        f"{one.rank} ({one.rank_interval[0]} to {one.rank_interval[1]})",
        escape(one.system),
        f"{percent(one.accuracy, 2)} ({100 * low:.1f} to {100 * high:.1f})",
        "" if one.log_loss is None else f"{one.log_loss:.3f}",
        "" if one.calibration_error is None else percent(one.calibration_error, 1),
        "" if one.coverage is None else percent(one.coverage, 1),
    )
