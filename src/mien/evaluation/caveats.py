"""What a reader must know before an accuracy is compared with another one, in whole sentences.

A number without its split, its size and its leaks is how this field fools itself; so these
sentences stand beside the number wherever it is shown.
"""

from typing import Final

from mien.evaluation.evaluation import Evaluation
from mien.labels import EMOTIONS, TEST, TRAIN, VALIDATION

PUBLIC_TEST: Final = (467, 56, 496, 895, 653, 415, 607)
PRIVATE_TEST: Final = (491, 55, 528, 879, 594, 416, 626)
BOTH_TESTS: Final = tuple(a + b for a, b in zip(PUBLIC_TEST, PRIVATE_TEST, strict=True))
KNOWN: Final = {
    PUBLIC_TEST: "FER2013's PublicTest",
    PRIVATE_TEST: "FER2013's PrivateTest",
    BOTH_TESTS: "FER2013's PublicTest and PrivateTest together",
}
"""Faces a class of FER2013's splits, in the order of `EMOTIONS`: they give away which split it is."""

ALL: Final = "all"
"""Where a split is named, this word means every face of the source."""

NOTICEABLE_GAP = 0.02
"""Confidence and accuracy further apart than this are worth a sentence."""


def known_faces(evaluation: Evaluation) -> str | None:
    """Return which well-known faces these are, told by the number of faces a class, or None."""
    if evaluation.classes != EMOTIONS:
        return None
    return KNOWN.get(tuple(row.support for row in evaluation.per_class))


def caveats(evaluation: Evaluation) -> tuple[str, ...]:
    """Return what limits these numbers, the most important first."""
    notes = (
        _drawn(evaluation),
        evaluation.leakage_warnings,
        _of_split(evaluation),
        _of_known_faces(evaluation),
        _of_interval(evaluation),
        _of_duplicates(evaluation),
        _of_confidence(evaluation),
    )
    return tuple(note for note in notes if note)


def _drawn(evaluation: Evaluation) -> str:
    if not evaluation.source.startswith("synthetic"):
        return ""
    return (
        "These faces are drawn by a program. The numbers show that everything works; "
        "they say nothing about photographs."
    )


def _of_split(evaluation: Evaluation) -> str:
    if evaluation.own and evaluation.split == VALIDATION:
        return (
            "The validation split chose the checkpoint, so this is not what to expect on faces that "
            "chose nothing: expect less, or at least something else. The test split tells."
        )
    if evaluation.split == TEST:
        return (
            "The test split only measures. As soon as a recipe, an epoch or a threshold is picked "
            "because of this number, it is no test any more."
        )
    if evaluation.own and evaluation.split == TRAIN:
        return "These are training faces: the number tells how much was memorized, not how much was learned."
    if evaluation.split == ALL:
        return "These are all faces of the source, whatever split they are in."
    return (
        f"Its source calls this split {evaluation.split!r}; how much of this system it trained or chose, "
        "if any, is not known."
    )


def _of_known_faces(evaluation: Evaluation) -> str:
    known = known_faces(evaluation)
    if known is None:
        return ""
    if known.endswith("together"):
        return (
            f"The counts a class are those of {known}: half of these faces usually choose the model, "
            "so compare only with numbers on the same mixture."
        )
    if known.endswith("PrivateTest"):
        return (
            f"The counts a class are those of {known}. Single networks trained from scratch and chosen "
            "on PublicTest reach about 72.6 to 73.5 % there; people about 65 %."
        )
    return (
        f"The counts a class are those of {known}, which is usually 0.5 to 3.6 points harder than "
        "PrivateTest: compare it with PublicTest numbers only."
    )


def _of_interval(evaluation: Evaluation) -> str:
    low, high = evaluation.overall.interval
    return (
        f"On {evaluation.n:,} faces chance alone moves the accuracy by about {50 * (high - low):.1f} points "
        "either way (95 %). To tell two systems apart, compare them face by face: mien evaluate --against."
    )


def _of_duplicates(evaluation: Evaluation) -> str:
    if evaluation.seen is None and evaluation.unseen is None:
        return "Whether some of these faces were also in the training set is not known."
    if evaluation.seen is None:
        return ""
    seen = f"{evaluation.seen.n:,} of the faces are pixel for pixel in the training set too"
    if evaluation.unseen is None:
        return f"All {seen}: this measures memory."
    return f"{seen}. Without them the accuracy is {100 * evaluation.unseen.accuracy:.1f} %."


def _of_confidence(evaluation: Evaluation) -> str:
    gap = evaluation.mean_confidence - evaluation.accuracy
    if abs(gap) <= NOTICEABLE_GAP:
        return ""
    return (
        f"It is {'over' if gap > 0 else 'under'}-confident: its top answers claim "
        f"{100 * evaluation.mean_confidence:.0f} % on average and {100 * evaluation.accuracy:.0f} % "
        "of them are right."
    )
