"""The metadata of a new bundle: what it was made from, how, and its validation metrics.

It travels with the bundle, so it contains no path of this machine.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from mien import __version__
from mien.bundles.calibration import calibrated
from mien.bundles.metadata import BundleMetadata, ConfidenceThreshold, Member, Scores
from mien.config.training import TTA
from mien.evaluation.calibration.methods import Choice
from mien.evaluation.calibration.threshold import fit_confidence_threshold
from mien.evaluation.caveats import known_faces
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.scoring import evaluate
from mien.exporting.evaluation_data import LabeledFaces
from mien.exporting.resolve import ExportInputs
from mien.exporting.verification import GraphOutput
from mien.labels import VALIDATION
from mien.predictions import Predictions


def metadata_of(
    inputs: ExportInputs,
    choice: Choice,
    output: GraphOutput,
    *,
    name: str,
    int8: bool,
    commands: Sequence[str],
) -> BundleMetadata:
    """Return the metadata of a bundle.

    Args:
        inputs: What it is made from.
        choice: Its calibration.
        output: What it computes for the validation faces before calibration.
        name: Its name.
        int8: At least one of its networks is quantized.
        commands: The command lines that make it.
    """
    first = inputs.components[0]
    labels, out_of_fold = inputs.validation.labels, choice.out_of_fold.astype(np.float32)
    evaluation = _evaluated(out_of_fold, inputs.validation, first.classes)
    members = tuple(member for component in inputs.components for member in component.members)
    threshold = fit_confidence_threshold(calibrated(output.logits, choice.calibration), labels)
    return BundleMetadata(
        name=name,
        mien_version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        license=license_of(members, evaluation),
        classes=first.classes,
        size=first.size,
        channels=3 if first.channels == 3 else 1,
        clahe=first.clahe,
        calibration=choice.calibration,
        precision="int8" if int8 else "float32",
        tta=_combined(inputs.tta, first.tta),
        members=members,
        scores=(_scores(evaluation),),
        confidence_threshold=ConfidenceThreshold(**threshold._asdict(), split=VALIDATION),
        commands=tuple(commands),
        notes=" ".join(sorted({one.notes for one in inputs.components if one.notes})),
    )


def _combined(added: TTA | None, inside: TTA | None) -> TTA | None:
    """Return the whole test-time augmentation; only blur can be added to an existing one."""
    if added is None or inside is None:
        return added or inside
    return inside.with_blur(blur=added.blur)


def _evaluated(
    probabilities: NDArray[np.float32], validation: LabeledFaces, classes: tuple[str, ...]
) -> Evaluation:
    return evaluate(Predictions(probabilities, validation.labels, validation.ids, classes, VALIDATION))


def _scores(found: Evaluation) -> Scores:
    return Scores(
        **{name: getattr(found, name) for name in Scores.model_fields if name != "recalls"},
        recalls={row.name: row.recall for row in found.per_class if row.support},
    )


def license_of(members: Sequence[Member], evaluation: Evaluation) -> str:
    """Return the license; only FER2013 has known terms, and the class counts identify its splits."""
    sources = " and ".join(sorted({member.source for member in members}))
    if known_faces(evaluation) is None:
        return f"not stated; trained on {sources}"
    return f"MIT; trained on {sources}, whose images have terms of their own (FER2013: research only)"
