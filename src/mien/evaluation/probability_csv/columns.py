"""The columns of a CSV of probabilities: which one holds each class, the id and the true class of a face."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mien.errors import PredictionsError
from mien.evaluation.probability_csv.table import Table
from mien.labels import EMOTIONS, emotion_of
from mien.registry import did_you_mean

LABEL_COLUMNS: Final = (
    "label", "emotion", "true_label", "true", "y_true", "target", "ground_truth", "groundtruth", "gt",
    "actual",
)  # fmt: skip
ID_COLUMNS: Final = (
    "id", "row", "image_id", "face_id", "face", "image", "img", "file", "filename", "file_name", "image_name",
    "image name", "image_path", "img_path", "filepath", "file_path", "path", "name", "source",
)  # fmt: skip
PREDICTED_COLUMNS: Final = (
    "prediction", "predicted", "pred", "preds", "predictions", "y_pred", "predicted_label", "pred_label",
    "predicted_class", "pred_class", "predicted_emotion", "emotion_pred", "pred_emotion",
    "dominant_emotion", "top_emotion",
)  # fmt: skip
INDEX_COLUMNS: Final = ("", "index", "unnamed: 0")
"""Columns that programs add by default; they are ids only if they fit the faces."""

RESULT_COLUMNS: Final = frozenset({"source", "confidence", "uncertain"})
"""Columns that together identify a result of mien; a table of any other system lacks one of them."""

_ALIASES: Final = {
    "joy": "happy", "sorrow": "sad", "scared": "fear", "suprise": "surprise", "angriness": "angry",
}  # fmt: skip
"""Names of other systems for the seven emotions, besides those of `mien.labels`."""

_OTHER_EMOTIONS: Final = frozenset({"contempt", "contemptuous", "confused", "confusion"})
"""Classes of other systems that FER2013 lacks."""

_FILLERS: Final = frozenset({
    "p", "pr", "prob", "probs", "proba", "probability", "probabilities", "score", "scores", "pred",
    "prediction", "class", "cls", "emotion", "expression", "softmax", "percent", "percentage", "confidence",
    "conf", "mean", "output", "out",
})  # fmt: skip
"""Words in the name of a column that do not belong to the name of its class."""
_WORDS: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Columns:
    """Names of the columns.

    Attributes:
        classes: The column of each class, in class order.
        others: Columns of emotions that are none of these classes.
        id: The column of the ids, if there is one.
        index: A column that may be an index of the rows, if there is one.
        label: The column of the true classes, if there is one.
    """

    classes: Mapping[str, str]
    others: tuple[str, ...]
    id: str | None
    index: str | None
    label: str | None
    predicted: str | None = None
    """The column of predicted classes, if it is all that the file has of them."""


def columns_of(table: Table, classes: Sequence[str] | None) -> Columns:
    """Return the columns of a table.

    Args:
        table: The table.
        classes: Names of the classes; by default the seven emotions if one is among the columns, otherwise
            all columns that are nothing else.

    Raises:
        PredictionsError: A class has no column, or two.
    """
    predicted = _predicted_only(table, classes)
    if predicted is not None and classes is not None:
        return Columns(
            dict.fromkeys(classes, predicted), (), _first(ID_COLUMNS, table.header),
            _first(INDEX_COLUMNS, table.header), _first(LABEL_COLUMNS, table.header), predicted,
        )  # fmt: skip
    found = _class_columns(table, classes)
    rest = [name for name in table.header if name not in found.values()]
    return Columns(
        found,
        tuple(name for name in rest if _plain(name) in _OTHER_EMOTIONS or _emotion(name)),
        _first(ID_COLUMNS, rest),
        _first(INDEX_COLUMNS, rest),
        _first(LABEL_COLUMNS, rest),
    )


def is_result(table: Table) -> bool:
    """Return whether a table is a result of `mien predict`, whose `label` is the prediction."""
    return set(table.header) >= RESULT_COLUMNS


def _first(names: Sequence[str], among: Collection[str]) -> str | None:
    return next((name for name in names if name in among), None)


def _predicted_only(table: Table, classes: Sequence[str] | None) -> str | None:
    """Return the column of the predicted classes if no column is of a class."""
    if any(_candidates(name, table.header) for name in classes or EMOTIONS):
        return None
    return _first(PREDICTED_COLUMNS, table.header)


def _class_columns(table: Table, classes: Sequence[str] | None) -> dict[str, str]:
    if classes is None:
        has_emotions = any(_emotion(name) for name in table.header if name not in LABEL_COLUMNS)
        classes = EMOTIONS if has_emotions else _other_columns(table)
    candidates = {name: _candidates(name, table.header) for name in classes}
    missing = [name for name, columns in candidates.items() if not columns]
    if missing:
        raise PredictionsError(
            f"{table.path}: no column for {', '.join(missing)}{_guess(missing[0], table.header)}; its "
            f"columns are {', '.join(table.header) or 'none'}, expected one for each of {', '.join(classes)}"
            f"{_numbered(table.header)}{_predicted(table.header, none=missing == list(classes))}"
        )
    for name, columns in candidates.items():
        if len(columns) > 1:
            raise PredictionsError(
                f"{table.path}: columns {' and '.join(map(repr, columns))} both name {name}; remove one"
            )
    return {name: columns[0] for name, columns in candidates.items()}


def _candidates(name: str, header: Sequence[str]) -> list[str]:
    """The columns of a class: of its own name, or else of another spelling, or else with more words."""
    emotion = _emotion(name)
    tests = (
        lambda column: column == name.lower(),
        lambda column: emotion is not None and emotion_of(column) == emotion,
        lambda column: bool(_plain(column)) and _plain(column) == _plain(name.lower()),
        lambda column: emotion is not None and _emotion(column) == emotion,
    )
    exact = [column for column in header if tests[0](column)]
    if exact and emotion is None:
        return exact
    found = [column for column in header if any(test(column) for test in tests)]
    bare = [column for column in found if emotion_of(column) or column == name.lower()]
    return bare or found


def _plain(column: str) -> str:
    """The words of a column without those that only say that it holds a probability."""
    words = _WORDS.findall(column)
    return " ".join([word for word in words if word not in _FILLERS] or words)


def _emotion(column: str) -> str | None:
    plain = _plain(column)
    return emotion_of(_ALIASES.get(plain, plain))


def class_number(cell: str, classes: Sequence[str]) -> int | None:
    """Return the position of a class by its name or another spelling of an emotion; None if it is none."""
    names = [name.lower() for name in classes]
    text = cell.strip().lower()
    if text in names:
        return names.index(text)
    emotion = _emotion(text) if text else None
    return names.index(emotion) if emotion in names else None


def _numbered(header: Sequence[str]) -> str:
    """What to do if columns have numbers in place of names."""
    numbers = [name for name in header if re.fullmatch(r"\d+", _plain(name).replace(" ", ""))]
    return "; name the columns: a number may mean another class in each system" if len(numbers) > 1 else ""


def _guess(missing: str, header: Sequence[str]) -> str:
    unknown = [name for name in header if _emotion(name) is None]
    return did_you_mean(missing, unknown)


def _predicted(header: Sequence[str], *, none: bool) -> str:
    """What to do if the file may have predicted classes only."""
    if none and (name := _first((*LABEL_COLUMNS, "class"), header)):
        return f"; if {name} is the predicted class, call that column prediction"
    return ""


def _other_columns(table: Table) -> tuple[str, ...]:
    known = {*LABEL_COLUMNS, *ID_COLUMNS, *INDEX_COLUMNS}
    names = tuple(name for name in table.header if name and name not in known)
    if predicted := _first(PREDICTED_COLUMNS, names):
        raise PredictionsError(
            f"{table.path}: {predicted} has predicted classes, but which classes there are is unknown; pass "
            "data=... and split=... with the source of the faces"
        )
    if len(names) < 2:
        raise PredictionsError(
            f"{table.path}: its columns are {', '.join(table.header)}; expected one for each class, "
            "such as " + ", ".join(EMOTIONS)
        )
    return names
