"""Evaluates a system per group of faces, and tests the gaps between groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.evaluation.groups.permutation import GroupValues, compare_fractions, compare_means
from mien.evaluation.groups.reading import MOST_COMBINED, GroupLabels
from mien.evaluation.groups.result import Attribute, Gap, GroupEvaluation, GroupMetrics
from mien.evaluation.multiple_tests import holm
from mien.evaluation.scoring import CALIBRATION_BINS, require_labels
from mien.predictions import Predictions
from mien.text import counted

SMALL: Final = 30
"""A group with fewer faces is not compared: the 95 % interval of its accuracy is about 30 points wide."""

SMALL_CLASS: Final = 10
"""Recalls of a class are compared between groups with this many faces of it."""

MOST_RECALLS: Final = 10
"""Recalls are compared for so many classes at most, as each test weakens the others."""

PRIMARY: Final = "accuracy"
"""The metric whose gaps have half of the level of all tests, however many other metrics there are."""

SEED: Final = 0
"""Of the permutations."""


def evaluate_groups(
    predictions: Predictions, labels: Sequence[GroupLabels], *, predicted: bool = False
) -> GroupEvaluation:
    """Return the metrics of each group, and the largest gaps.

    Args:
        predictions: Of the faces, with labels.
        labels: Their groups in each attribute (`mien.evaluation.groups.reading`).
        predicted: The groups were predicted by a model, whatever their names say.

    Raises:
        PredictionsError: A face has no label.
    """
    require_labels(predictions)
    found = [_Attribute(predictions, one) for one in labels]
    gaps = [list(one.gaps(np.random.default_rng(SEED))) for one in found]
    tests = [gap for each in gaps for gap in each]
    corrected = iter(holm([gap.p for gap in tests], _weights(tests)))
    attributes = tuple(
        Attribute(
            name=one.labels.name,
            groups=tuple(one.metrics()),
            gaps=tuple(gap.model_copy(update={"p_holm": float(next(corrected))}) for gap in each),
            ungrouped=int((one.labels.groups == "").sum()),
            predicted=one.labels.predicted or ("stated by the user" if predicted else ""),
        )
        for one, each in zip(found, gaps, strict=True)
    )
    return GroupEvaluation(
        system=predictions.system,
        source=predictions.source,
        split=predictions.split,
        n=len(predictions),
        attributes=attributes,
        warnings=(
            *(warning for one in attributes for warning in _warnings(one)),
            *(note for one in labels for note in one.notes),
            *_of_pairs(labels),
        ),
    )


@dataclass(frozen=True, eq=False)
class _Attribute:
    """Predictions with the groups of one attribute."""

    predictions: Predictions
    labels: GroupLabels

    def metrics(self) -> Iterator[GroupMetrics]:
        """Yield the metrics of each group."""
        for name in np.unique(self.labels.groups[self.labels.groups != ""]):
            yield _metrics(str(name), self.predictions, self.labels.groups == name)

    def gaps(self, generator: np.random.Generator) -> Iterator[Gap]:
        """Yield the largest gap of each metric, not yet corrected for their number."""
        names, chosen, groups = self._compared(SMALL)
        if len(names) < 2:
            return
        correct, true = self.predictions.correct[chosen], self.predictions.labels[chosen]
        confidence = self.predictions.confidence[chosen].astype(np.float64)
        yield _gap(
            PRIMARY, names, compare_fractions(correct, true, groups, len(names), generator, by_class=False)
        )
        if _share_a_class(true, groups, len(names)):
            values = compare_fractions(correct, true, groups, len(names), generator, by_class=True)
            yield _gap("mean recall", names, values)
        if not self.predictions.only_classes:
            yield _gap(
                "overconfidence", names, compare_means(confidence - correct, groups, len(names), generator)
            )
        if not self.labels.is_combined:  # of two attributes, too few faces of a class are in a group
            yield from self._recalls(generator)

    def _recalls(self, generator: np.random.Generator) -> Iterator[Gap]:
        classes = self.predictions.classes
        for label in range(len(classes) if len(classes) <= MOST_RECALLS else 0):
            names, chosen, groups = self._compared(SMALL_CLASS, self.predictions.labels == label)
            if len(names) > 1:
                correct, true = self.predictions.correct[chosen], self.predictions.labels[chosen]
                values = compare_fractions(correct, true, groups, len(names), generator, by_class=False)
                yield _gap(f"recall of {classes[label]}", names, values)

    def _compared(
        self, least: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[list[str], NDArray[np.bool_], NDArray[np.int64]]:
        """Return the groups with at least `least` faces, a mask of their faces, and the group of each."""
        known = (self.labels.groups != "") & self._in_large_groups()
        known = known if among is None else known & among
        names, counts = np.unique(self.labels.groups[known], return_counts=True)
        names = names[counts >= least]
        chosen = known & np.isin(self.labels.groups, names)
        return [str(name) for name in names], chosen, np.searchsorted(names, self.labels.groups[chosen])

    def _in_large_groups(self) -> NDArray[np.bool_]:
        names, counts = np.unique(self.labels.groups, return_counts=True)
        mask: NDArray[np.bool_] = np.isin(self.labels.groups, names[counts >= SMALL])
        return mask


def _share_a_class(labels: NDArray[np.int64], groups: NDArray[np.int64], number: int) -> bool:
    return any(len(np.unique(groups[labels == label])) == number for label in np.unique(labels))


def _metrics(name: str, predictions: Predictions, chosen: NDArray[np.bool_]) -> GroupMetrics:
    labels, probabilities = predictions.labels[chosen], predictions.probabilities[chosen]
    hits, n = int(predictions.correct[chosen].sum()), int(chosen.sum())
    confusion = metrics.confusion_matrix(labels, predictions.predicted[chosen], len(predictions.classes))
    scores = metrics.class_scores(confusion)
    present = [(row, one) for row, one in enumerate(predictions.classes) if scores.support[row]]
    return GroupMetrics(
        name=name,
        n=n,
        accuracy=hits / n,
        interval=metrics.wilson_interval(hits, n),
        mean_recall=metrics.balanced_accuracy(confusion),
        macro_f1=metrics.macro_f1(confusion),
        **({} if predictions.only_classes else _of_probabilities(probabilities, labels)),
        recalls={one: float(scores.recall[row]) for row, one in present},
        supports={one: int(scores.support[row]) for row, one in present},
        is_small=n < SMALL,
    )


def _of_probabilities(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, float]:
    return {
        "log_loss": metrics.log_loss(probabilities, labels),
        "calibration_error": metrics.calibration_error(probabilities, labels, CALIBRATION_BINS),
        "mean_confidence": metrics.mean_confidence(probabilities),
    }


def _gap(metric: str, names: Sequence[str], found: GroupValues) -> Gap:
    high, low = int(found.values.argmax()), int(found.values.argmin())
    difference = float(found.values[high] - found.values[low])
    half = metrics.Z95 * float(np.hypot(found.errors[high], found.errors[low]))
    return Gap(
        metric=metric,
        highest=names[high],
        lowest=names[low],
        highest_value=float(found.values[high]),
        lowest_value=float(found.values[low]),
        interval=(difference - half, difference + half),
        groups=len(names),
        p=found.p,
        p_holm=found.p,
    )


def _weights(gaps: Sequence[Gap]) -> list[float]:
    """Return the weights of the tests: half of the level is for those of `PRIMARY`, half for the others."""
    primary = [gap.metric == PRIMARY for gap in gaps]
    return [1 / primary.count(one) for one in primary]


def _of_pairs(labels: Sequence[GroupLabels]) -> Iterator[str]:
    if len(labels) > MOST_COMBINED and not any(one.is_combined for one in labels):
        yield f"Pairs of columns are evaluated for up to {MOST_COMBINED} columns; these are {len(labels)}."


def _warnings(attribute: Attribute) -> Iterator[str]:
    small = [f"{row.name} ({row.n})" for row in attribute.groups if row.is_small]
    if small:
        yield (
            f"{attribute.name}: groups of fewer than {SMALL} faces say little and are not compared: "
            f"{', '.join(small)}."
        )
    if not attribute.gaps:
        yield f"{attribute.name}: fewer than two groups have {SMALL} faces, so no gap was tested."
    if attribute.predicted:
        yield (
            f"{attribute.name}: the groups seem to be predictions of a model ({attribute.predicted}). Its "
            "errors mix the groups, which hides gaps, and may create some where they depend on expression or "
            "image quality."
        )
    spellings: dict[str, list[str]] = {}
    for row in attribute.groups:
        spellings.setdefault(row.name.casefold(), []).append(row.name)
    same = [" and ".join(names) for names in spellings.values() if len(names) > 1]
    if same:
        yield (
            f"{attribute.name}: groups that differ in case only are compared as different: {', '.join(same)}."
        )
    if attribute.ungrouped:
        yield f"{attribute.name}: {counted(attribute.ungrouped, 'face')} without a group left out."
