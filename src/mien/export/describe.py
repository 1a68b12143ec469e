"""The card of a new bundle: what it was made of, and what it scored on validation.

It goes wherever the bundle goes, so no path of this machine stands in it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from mien import __version__
from mien.bundle.card import Card, Member, Scores, Sureness
from mien.config.learning import Views
from mien.evaluate.calibrate import sureness
from mien.evaluate.evaluation import evaluate
from mien.evaluate.predictions import Predictions
from mien.export.check import Answers
from mien.export.faces import Validation
from mien.export.parts import Part
from mien.labels import VALIDATION


def card_of(
    parts: Sequence[Part],
    answers: Answers,
    validation: Validation,
    *,
    name: str,
    temperature: float,
    views: Views | None,
    int8: bool,
) -> Card:
    """Return the card of a bundle.

    Args:
        parts: What it is made of.
        answers: What the bundle says about the validation faces.
        validation: Those faces.
        name: What it is called.
        temperature: That of `answers`.
        views: Those in front of the parts; they may have views inside, all the same ones.
        int8: At least one of its networks is quantised.
    """
    first, members = parts[0], tuple(member for part in parts for member in part.members)
    sure = sureness(answers.probabilities, validation.labels)
    return Card(
        name=name,
        mien_version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        licence=_licence(members),
        classes=first.classes,
        side=first.side,
        clahe=first.clahe,
        temperature=temperature,
        precision="int8" if int8 else "float32",
        views=_joined(views, first.views),
        members=members,
        scores=(_scores(answers, validation, first.classes),),
        sureness=Sureness(**sure._asdict(), split=VALIDATION),
        notes=" ".join(sorted({part.notes for part in parts if part.notes})),
    )


def _joined(before: Views | None, inside: Views | None) -> Views | None:
    """The views of a face altogether; before others stands nothing but softening."""
    if before is None or inside is None:
        return before or inside
    return inside.softer(soften=before.soften)


def _scores(answers: Answers, validation: Validation, classes: tuple[str, ...]) -> Scores:
    found = evaluate(
        Predictions(answers.probabilities, validation.labels, validation.ids, classes, VALIDATION)
    )
    return Scores(
        split=found.split,
        n=found.n,
        accuracy=found.accuracy,
        interval=found.overall.interval,
        macro_f1=found.macro_f1,
        log_loss=found.log_loss,
        calibration_error=found.calibration_error,
        recalls={row.name: row.recall for row in found.per_class if row.support},
    )


def _licence(members: Sequence[Member]) -> str:
    sources = " and ".join(sorted({member.source for member in members}))
    return f"MIT; trained on {sources}, whose pictures have terms of their own (FER2013: research only)"
