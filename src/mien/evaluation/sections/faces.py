"""All faces, which can be filtered; without scripts, some faces of each cell of the confusion matrix."""

import json
from collections import defaultdict
from typing import Any, Final

import numpy as np

from mien.evaluation.face_sheet import FaceSheet, face_sheet
from mien.evaluation.sections.base import ReportData, Section
from mien.labels import colors_of
from mien.text import counted, utf8

MOST_PROBABILITIES: Final = 8
"""Probabilities of a face, the highest ones and that of the true class."""
STATIC_FACES: Final = 480
"""Faces in a page without scripts."""
MOST_GROUPS: Final = 200
"""Values of a grouping that can be chosen; a grouping with more, such as an id, is left out."""


def section(data: ReportData) -> Section | None:
    """Return the section; None without images."""
    if data.predictions.images is None:
        return None
    sheet = face_sheet(data.predictions)
    groups = {name: values for name, values in data.groups.items() if len(set(values)) <= MOST_GROUPS}
    return Section(
        "faces",
        "Faces",
        _text(len(sheet.rows), len(data.predictions)),
        template="faces.html.j2",
        values={
            "sheet": sheet,
            "content": _json(_content(data, sheet, groups)),
            "classes": data.predictions.classes,
            "groups": {name: sorted(set(values)) for name, values in groups.items()},
            "cells": _cells(data, sheet),
        },
    )


def _text(shown: int, n: int) -> str:
    if shown == n:
        return f"All {counted(n, 'face')}. Choose which ones to see, or click a cell of the confusion matrix."
    return (
        f"{shown:,} of {counted(n, 'face')}: of frequent cells of the confusion matrix a part, at equal "
        "distances. Choose which ones to see, or click a cell."
    )


def _content(data: ReportData, sheet: FaceSheet, groups: dict[str, Any]) -> dict[str, Any]:
    """What the script needs: each face is [id, label, classes, probabilities in per mille, groups...]."""
    predictions = data.predictions
    values = {name: sorted(set(given)) for name, given in groups.items()}
    number = {name: {value: at for at, value in enumerate(given)} for name, given in values.items()}
    faces = []
    for row in sheet.rows.tolist():
        top = _top(predictions.probabilities[row], int(predictions.labels[row]))
        permille = np.round(1000 * predictions.probabilities[row, top]).astype(int).tolist()
        of_groups = [number[name][given[row]] for name, given in groups.items()]
        faces.append([str(predictions.ids[row]), int(predictions.labels[row]), top, permille, *of_groups])
    return {
        "classes": predictions.classes,
        "colors": colors_of(predictions.classes),
        "columns": sheet.columns,
        "groups": [{"name": name, "values": given} for name, given in values.items()],
        "total": len(predictions),
        "faces": faces,
    }


def _top(probabilities: np.ndarray, label: int) -> list[int]:
    """The most probable classes in descending order, and the true one."""
    ranked: list[int] = np.argsort(-probabilities, kind="stable")[:MOST_PROBABILITIES].tolist()
    return ranked if label in ranked else [*ranked[:-1], label]


def _cells(data: ReportData, sheet: FaceSheet) -> list[dict[str, Any]]:
    """The faces of each cell of the confusion matrix, errors first, a few of each."""
    predictions, found = data.predictions, defaultdict(list)
    for place, row in enumerate(sheet.rows.tolist()):
        found[int(predictions.labels[row]), int(predictions.predicted[row])].append((place, row))
    most = max(1, STATIC_FACES // max(1, len(found)))
    order = sorted(found, key=lambda cell: (cell[0] == cell[1], -len(found[cell])))[:STATIC_FACES]
    confidence = predictions.confidence
    return [
        {
            "label": label,
            "predicted": guess,
            "faces": [
                {"x": place % sheet.columns, "y": place // sheet.columns, "id": str(predictions.ids[row])}
                for place, row in sorted(found[label, guess], key=lambda one: -confidence[one[1]])[:most]
            ],
        }
        for label, guess in order
    ]


def _json(value: object) -> str:
    """JSON for a script element: escaped, so that no text ends the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return (
        utf8(text).decode().replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )
