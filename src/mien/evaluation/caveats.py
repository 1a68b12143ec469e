"""Notes on an estimate: what a reader must know before comparing an accuracy with another one.

Results in this field are often incomparable because split, size and leakage are not stated, so these
sentences are shown wherever the number is shown.
"""

from typing import Final

from mien.evaluation.evaluation import Evaluation
from mien.evaluation.splits import ALL, OUT_OF_FOLD
from mien.labels import EMOTIONS, TEST, TRAIN, VALIDATION
from mien.text import counted

PUBLIC_TEST: Final = (467, 56, 496, 895, 653, 415, 607)
PRIVATE_TEST: Final = (491, 55, 528, 879, 594, 416, 626)
BOTH_TESTS: Final = tuple(a + b for a, b in zip(PUBLIC_TEST, PRIVATE_TEST, strict=True))
KNOWN: Final = {
    PUBLIC_TEST: "FER2013's PublicTest",
    PRIVATE_TEST: "FER2013's PrivateTest",
    BOTH_TESTS: "FER2013's PublicTest and PrivateTest together",
}
"""Faces per class of FER2013's splits, in the order of `EMOTIONS`; they identify the split."""

NO_PROBABILITIES: Final = (
    "It has predicted classes without probabilities, so it has no top-2 accuracy, log loss, ECE and coverage."
)

NOTICEABLE_GAP = 0.02
"""A larger difference between mean confidence and accuracy is reported, if it exceeds the sampling error."""


def known_faces(evaluation: Evaluation) -> str | None:
    """Return which well-known split these faces are, by the number of faces per class, or None."""
    if evaluation.classes != EMOTIONS:
        return None
    return KNOWN.get(tuple(row.support for row in evaluation.per_class))


def caveats(evaluation: Evaluation, *, compared: bool = False) -> tuple[str, ...]:
    """Return the limits of these numbers, the most important first.

    Args:
        evaluation: The numbers.
        compared: They are shown with a paired comparison, which then isn't advised.
    """
    notes = (
        _of_synthetic_faces(evaluation),
        *evaluation.leakage_warnings,
        of_split(evaluation),
        evaluation.unfinished,
        _of_known_faces(evaluation),
        NO_PROBABILITIES if evaluation.log_loss is None else "",
        _of_interval(evaluation, compared=compared),
        _of_duplicates(evaluation),
        _of_doubtful_labels(evaluation),
        _of_confidence(evaluation),
    )
    return tuple(note for note in notes if note)


def _of_synthetic_faces(evaluation: Evaluation) -> str:
    if not evaluation.source.startswith("synthetic"):
        return ""
    return "These faces are synthetic: the numbers say nothing about photographs."


def of_split(evaluation: Evaluation) -> str:
    """Return what the split says about the estimate: whether the system was trained or selected on it."""
    if evaluation.from_training_data and evaluation.split == VALIDATION:
        known = known_faces(evaluation) or ""
        if known.endswith("PublicTest"):
            return (
                "The checkpoint was selected on PublicTest, so this estimate is optimistic; "
                "PrivateTest is held out."
            )
        return (
            "The checkpoint was selected on the validation split, so this estimate is optimistic; "
            "faces of a test split would give an unbiased one."
        )
    if evaluation.split == TEST:
        return (
            "The test split is held out as long as nothing is selected by this number: "
            "no recipe, no checkpoint, no threshold."
        )
    if evaluation.from_training_data and evaluation.split == TRAIN:
        return "These are training faces: the accuracy measures memorization, not generalization."
    if evaluation.split == OUT_OF_FOLD:
        return (
            "Each face was predicted by a network that was trained without it and its duplicates, one for "
            "each fold."
        )
    if evaluation.split == ALL:
        return f"These are all faces of the source, from every split{_of_training_share(evaluation)}."
    return (
        f"The source calls this split {evaluation.split!r}. Whether the system was trained or selected "
        "on these faces is unknown."
    )


def _of_training_share(evaluation: Evaluation) -> str:
    """The number of faces of the training split, or identical to one, among those of all splits."""
    if evaluation.in_training is None:
        return ""
    known = counted(evaluation.in_training.n, "face is", "faces are")
    share = f": {known} in the training split or identical to one in it"
    if evaluation.excluding_duplicates is None:
        return share
    return f"{share}; on the others the accuracy is {100 * evaluation.excluding_duplicates.accuracy:.1f} %"


def _of_known_faces(evaluation: Evaluation) -> str:
    known = known_faces(evaluation)
    if known is None:
        return ""
    if known.endswith("together"):
        return (
            f"The class counts are those of {known}. Half of these faces are usually used for model "
            "selection; compare only with numbers on the same faces."
        )
    if known.endswith("PrivateTest"):
        return (
            f"The class counts are those of {known}. Single networks trained from scratch and selected "
            "on PublicTest reach about 72.6 to 73.5 % there; human accuracy is about 65 %."
        )
    return (
        f"The class counts are those of {known}. Accuracy on it is usually 0.5 to 3.6 points lower than on "
        "PrivateTest; compare with PublicTest numbers only."
    )


def _of_interval(evaluation: Evaluation, *, compared: bool) -> str:
    low, high = evaluation.interval
    advice = "" if compared else " To compare systems, use a paired test on the same faces."
    return (
        f"On {counted(evaluation.n, 'face')} the sampling error of the accuracy is about "
        f"±{50 * (high - low):.1f} points (95 %).{advice}"
    )


def _of_doubtful_labels(evaluation: Evaluation) -> str:
    """The accuracy with and without the labels that an audit doubts."""
    if evaluation.doubtful is None or evaluation.excluding_doubtful is None:
        return ""
    without = evaluation.excluding_doubtful
    return (
        f"An audit doubts {evaluation.doubtful.n:,} of these labels. The accuracy on all faces is "
        f"{100 * evaluation.accuracy:.1f} %, on the other {counted(without.n, 'face')} "
        f"{100 * without.accuracy:.1f} %. Networks fail at such labels, so the latter tends to be higher "
        "even if the audit is wrong."
    )


def _of_duplicates(evaluation: Evaluation) -> str:
    if evaluation.in_training is not None and evaluation.split in (TRAIN, ALL):
        return ""  # these include the training faces themselves, as `of_split` reports
    if evaluation.in_training is None:
        if evaluation.excluding_duplicates is None:
            return "Whether some of these faces are also in the training set is unknown."
        return ""
    if evaluation.excluding_duplicates is None:
        return "All faces are pixel-identical to training faces: the accuracy measures memorization."
    return (
        f"{counted(evaluation.in_training.n, 'face is', 'faces are')} pixel-identical to a training face; "
        f"on the others the accuracy is {100 * evaluation.excluding_duplicates.accuracy:.1f} %."
    )


def _of_confidence(evaluation: Evaluation) -> str:
    if evaluation.mean_confidence is None:
        return ""
    gap = evaluation.mean_confidence - evaluation.accuracy
    low, high = evaluation.interval
    if abs(gap) <= NOTICEABLE_GAP or low <= evaluation.mean_confidence <= high:
        return ""
    return (
        f"The system is {'over' if gap > 0 else 'under'}confident: mean confidence "
        f"{100 * evaluation.mean_confidence:.0f} %, accuracy {100 * evaluation.accuracy:.0f} %."
    )
