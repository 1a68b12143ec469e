"""The metadata of a new bundle: what it was made of, and what it scored on validation.

It goes wherever the bundle goes, so no path of this machine stands in it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from mien import __version__
from mien.bundles.metadata import BundleMetadata, ConfidenceThreshold, Member, Scores
from mien.config.training import TTA
from mien.evaluation.calibration import fit_confidence_threshold
from mien.evaluation.predictions import Predictions
from mien.evaluation.scoring import evaluate
from mien.exporting.components import Part
from mien.exporting.evaluation_data import Validation
from mien.exporting.verification import Answers
from mien.labels import VALIDATION


def metadata_of(
    parts: Sequence[Part],
    answers: Answers,
    validation: Validation,
    *,
    name: str,
    temperature: float,
    tta: TTA | None,
    int8: bool,
) -> BundleMetadata:
    """Return the metadata of a bundle.

    Args:
        parts: What it is made of.
        answers: What the bundle says about the validation faces.
        validation: Those faces.
        name: What it is called.
        temperature: That of `answers`.
        tta: Those in front of the parts; they may have views inside, all the same ones.
        int8: At least one of its networks is quantized.
    """
    first, members = parts[0], tuple(member for part in parts for member in part.members)
    sure = fit_confidence_threshold(answers.probabilities, validation.labels)
    return BundleMetadata(
        name=name,
        mien_version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        license=_license(members),
        classes=first.classes,
        size=first.size,
        clahe=first.clahe,
        temperature=temperature,
        precision="int8" if int8 else "float32",
        tta=_joined(tta, first.tta),
        members=members,
        scores=(_scores(answers, validation, first.classes),),
        confidence_threshold=ConfidenceThreshold(**sure._asdict(), split=VALIDATION),
        notes=" ".join(sorted({part.notes for part in parts if part.notes})),
    )


def _joined(before: TTA | None, inside: TTA | None) -> TTA | None:
    """The views of a face altogether; before others stands nothing but softening."""
    if before is None or inside is None:
        return before or inside
    return inside.with_blur(blur=before.blur)


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


def _license(members: Sequence[Member]) -> str:
    sources = " and ".join(sorted({member.source for member in members}))
    return f"MIT; trained on {sources}, whose pictures have terms of their own (FER2013: research only)"
