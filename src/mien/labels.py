"""The words of the field: emotions, splits, and the columns of FER+.

Everything here is a constant. The order of `EMOTIONS` is the order of FER2013's label
numbers (0 is angry), and the order of the columns of every probability in mien.
"""

from collections.abc import Sequence
from typing import Final

EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

TRAIN: Final = "train"
VALIDATION: Final = "validation"
TEST: Final = "test"
SPLITS: Final = (TRAIN, VALIDATION, TEST)
"""The three splits; a `FaceSet` stores their positions in this tuple."""

USAGES: Final = {"Training": TRAIN, "PublicTest": VALIDATION, "PrivateTest": TEST}
"""FER2013's name of each split. PublicTest chooses models, PrivateTest only measures them."""

UNLABELED: Final = -1
"""The label of a face whose emotion is not known (the competition's `test.csv`)."""

FERPLUS_COLUMNS: Final = (
    "neutral", "happiness", "surprise", "sadness", "anger",
    "disgust", "fear", "contempt", "unknown", "NF",
)  # fmt: skip
"""FER+ counts ten votes a face over these; NF means "not a face"."""

FERPLUS_OF_EMOTION: Final = {
    "angry": "anger", "disgust": "disgust", "fear": "fear", "happy": "happiness",
    "sad": "sadness", "surprise": "surprise", "neutral": "neutral",
}  # fmt: skip
"""The FER+ column of each of the seven emotions; contempt, unknown and NF have none."""

ALIASES: Final = {
    "anger": "angry", "disgusted": "disgust", "fearful": "fear", "afraid": "fear",
    "happiness": "happy", "sadness": "sad", "surprised": "surprise",
}  # fmt: skip
"""Other spellings under which data sets name the seven emotions."""

COLORS: Final = {
    "angry": "#d55e00", "disgust": "#009e73", "fear": "#9467bd", "happy": "#e6a800",
    "sad": "#0072b2", "surprise": "#56b4e9", "neutral": "#7f7f7f",
}  # fmt: skip
"""One color an emotion in every figure, after Okabe and Ito's color-blind-safe palette."""

SPARE_COLORS: Final = (
    "#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951",
    "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0",
)  # fmt: skip
"""For classes that are not among the seven emotions, in turn."""


def name_of_label(label: int, classes: Sequence[str]) -> str:
    """Return the name of the class of a label; "" for `UNLABELED`."""
    return "" if label == UNLABELED else classes[label]


def emotion_of(name: str) -> str | None:
    """Return which of the seven emotions `name` spells (any case, known aliases), or None."""
    word = name.strip().lower()
    word = ALIASES.get(word, word)
    return word if word in EMOTIONS else None


def colors_of(classes: Sequence[str]) -> tuple[str, ...]:
    """Return a color (#rrggbb) for each class; the seven emotions always have their own."""
    spare = len(SPARE_COLORS)
    return tuple(COLORS.get(name, SPARE_COLORS[at % spare]) for at, name in enumerate(classes))
