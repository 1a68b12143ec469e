"""The model card of a bundle (Mitchell et al. 2019), as Markdown.

Everything in it comes from the bundle and from measuring it on its validation split, so no number is
copied by hand and a new bundle gets a new card.
"""

import hashlib
import shlex
from collections.abc import Iterator
from typing import Any, Final

from mien.bundles.description import (
    count_views,
    describe_calibration,
    describe_input,
    describe_tta,
    opset_of,
    size_of,
)
from mien.bundles.metadata import PRETRAINED_NOTE, BundleMetadata
from mien.bundles.reading import Bundle, find_bundle, read_bundle, shipped_names
from mien.errors import DataError
from mien.evaluation.bundles import EvaluationData, predictions_of_bundle, read_evaluation_data
from mien.evaluation.caveats import known_faces
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.robustness.corruptions import describe_corruptions
from mien.evaluation.scoring import evaluate
from mien.evaluation.shifts.scenes import describe_views
from mien.evaluation.shown_classes import lowest_f1
from mien.exporting.networks import custom_recipes, custom_teachers, networks_of
from mien.figures.many_classes import MOST_CLASSES, omission
from mien.labels import EMOTIONS, TRAIN, VALIDATION
from mien.metrics import wilson_interval
from mien.percent import percent
from mien.templates import template
from mien.text import listed

CONFUSIONS: Final = 6
"""Number of the most frequent confusions that a card lists."""

LOW_RECALL: Final = 0.6
"""Classes with a lower recall are named among the limitations."""

MOST_LOW: Final = 3
"""Largest number of them."""

RARE: Final = 0.05
"""A class with a smaller fraction of the training faces is called rare."""


def model_card(name: str, data: str, *, cost: str = "") -> str:
    """Return the model card of a bundle.

    Args:
        name: A shipped name, or a path.
        data: The data set it was trained on; it is measured on the validation split.
        cost: Its measured latency, in words; "" leaves it out.

    Raises:
        BundleError: The bundle can't be read or run.
        DataError: The data set can't be read, or is another one.
    """
    bundle, file = read_bundle(name), find_bundle(name).name
    known = read_evaluation_data(bundle.metadata, data)
    _require_own_data(bundle, known)
    evaluation = evaluate(predictions_of_bundle(bundle, known, VALIDATION))
    values = {
        **_identity(bundle, file),
        **_origin(bundle.metadata, known, evaluation),
        **_metrics(bundle.metadata, evaluation),
        **_limitations(evaluation, known),
        **_reproduction(bundle.metadata, file, cost),
        "views": describe_views(),
        "corruptions": describe_corruptions(),
    }
    return template("mien.exporting", "model_card.md.j2").render(values)


def _require_own_data(bundle: Bundle, known: EvaluationData) -> None:
    if not known.any_trained_on_it:
        pairs = sorted({(member.source, member.fingerprint) for member in bundle.metadata.members})
        wanted = " or ".join(f"{source} ({fingerprint})" for source, fingerprint in pairs)
        raise DataError(
            f"{known.faces.source}: fingerprint {known.fingerprint}, but bundle {bundle.name} was trained on "
            f"{wanted}; a model card needs that data set, an evaluation accepts any"
        )


def _identity(bundle: Bundle, file: str) -> dict[str, Any]:
    metadata = bundle.metadata
    return {
        "metadata": metadata,
        "file": file,
        "classes": listed(metadata.classes, MOST_CLASSES),
        "requested": bundle.name if bundle.name in shipped_names() else file,
        "size": size_of(bundle),
        "sha256": hashlib.sha256(bundle.content).hexdigest(),
        "opset": opset_of(bundle),
        "input": describe_input(metadata),
        "tta": describe_tta(metadata.tta),
        "calibration": describe_calibration(metadata.calibration),
    }


def _origin(metadata: BundleMetadata, known: EvaluationData, evaluation: Evaluation) -> dict[str, Any]:
    networks, well_known = networks_of(metadata), known_faces(evaluation)
    work = [network.multiply_adds for network in networks]
    training = known.faces.in_split(TRAIN).sum()
    return {
        "networks": networks,
        "distilled": any(network.teachers for network in networks),
        "pretrained": PRETRAINED_NOTE in " ".join(metadata.notes.split()),
        "multiply_adds": None if None in work else sum(filter(None, work)) * count_views(metadata.tta),
        "is_fer2013": well_known is not None,
        "split": well_known or f"the validation split of {metadata.members[0].source}",
        "training": f"{training:,} {'Training rows of FER2013' if well_known else 'training faces'}",
        "sources": sorted({(member.source, member.fingerprint) for member in metadata.members}),
        "monitors": sorted(
            {str(member.section("train").get("monitor", "accuracy")) for member in metadata.members}
        ),
    }


def _metrics(metadata: BundleMetadata, evaluation: Evaluation) -> dict[str, Any]:
    certain = evaluation.threshold
    coverage = certain.coverage if certain else 1.0
    return {
        "evaluation": evaluation,
        "omitted": omission(len(evaluation.classes), "lowest by F1").removeprefix(", "),
        "rows": list(_rows(evaluation)),
        "coverage": coverage,
        "selective_accuracy": certain.accuracy if certain and coverage else None,
        "stated": _stated(metadata, evaluation, coverage),
    }


def _stated(metadata: BundleMetadata, evaluation: Evaluation, coverage: float) -> str:
    """Return the metrics in the metadata that differ: out of fold, and on another processor."""
    pairs = [
        (f"accuracy {percent(scores.accuracy, 1)}", f"accuracy {percent(evaluation.accuracy, 1)}")
        for scores in metadata.scores
        if scores.split == evaluation.split
    ]
    if threshold := metadata.confidence_threshold:
        pairs.append((f"coverage {percent(threshold.coverage, 1)}", f"coverage {percent(coverage, 1)}"))
    differ = any(stated != measured for stated, measured in pairs)
    return ", ".join(stated for stated, _ in pairs) if differ else ""


def _rows(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """Yield the classes that are shown and have faces, with the confidence interval of their recall."""
    for row in lowest_f1(evaluation):
        if row.support:
            hits = round(row.recall * row.support)
            yield {"scores": row, "interval": wilson_interval(hits, row.support)}


def _limitations(evaluation: Evaluation, known: EvaluationData) -> dict[str, Any]:
    counts = known.faces.of_split(TRAIN).counts()
    low = [
        {"name": row.name, "recall": row.recall, "share": counts[position] / max(1, counts.sum())}
        for position, row in enumerate(evaluation.per_class)
        if row.support and row.recall < LOW_RECALL
    ]
    neutral = [
        found for found in evaluation.confusions if (found.label, found.predicted) == ("neutral", "sad")
    ]
    return {
        "confusions": evaluation.confusions[:CONFUSIONS],
        "low_recall": sorted(low, key=lambda found: found["recall"])[:MOST_LOW],
        "rare": RARE,
        "neutral_as_sad": neutral[0] if neutral and evaluation.classes == EMOTIONS else None,
    }


def _reproduction(metadata: BundleMetadata, file: str, cost: str) -> dict[str, Any]:
    describe = ["mien", "bundle", "card", file, "--data", metadata.members[0].source]
    card = shlex.join([*describe, *(["--cost", cost] if cost else [])])
    return {
        "cost": cost,
        "commands": [*metadata.commands, " ".join(card.split())],
        "custom_recipes": custom_recipes(metadata),
        "custom_teachers": custom_teachers(metadata),
    }
