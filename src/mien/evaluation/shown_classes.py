"""Selection of the classes that figures and tables show of many: those with errors."""

import numpy as np

from mien.evaluation.evaluation import ClassMetrics, Evaluation
from mien.figures.many_classes import MOST_CLASSES


def most_confused(evaluation: Evaluation) -> list[int]:
    """Return the labels of the most frequent confusions, ascending.

    The pairs of classes are taken in descending order of their faces, as long as both classes fit. Labels
    that remain are those of the classes with the most faces, so all are returned if there are few.
    """
    counts = np.array(evaluation.confusion_matrix, np.int64)
    faces = np.argsort(-counts.sum(axis=1), kind="stable")
    np.fill_diagonal(counts, 0)
    pairs = np.argsort(-counts, axis=None, kind="stable")[: np.count_nonzero(counts)]
    shown: dict[int, None] = {}
    for pair in zip(*np.unravel_index(pairs, counts.shape), strict=True):
        if len(shown.keys() | {int(label) for label in pair}) <= MOST_CLASSES:
            shown.update((int(label), None) for label in pair)
        if len(shown) == MOST_CLASSES:
            break
    shown.update((int(label), None) for label in faces[: MOST_CLASSES + len(shown)])
    return sorted(list(shown)[:MOST_CLASSES])


def lowest_f1(evaluation: Evaluation) -> tuple[ClassMetrics, ...]:
    """Return the metrics of all classes in their order, or of many those with the lowest F1, ascending.

    Classes without faces come last, since their F1 says nothing.
    """
    rows = evaluation.per_class
    if len(rows) <= MOST_CLASSES:
        return rows
    return tuple(sorted(rows, key=lambda row: (not row.support, row.f1, -row.support))[:MOST_CLASSES])
