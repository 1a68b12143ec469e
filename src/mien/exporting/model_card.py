"""The model card of a bundle, as Markdown: what it is, is for, is worth and costs, and where it fails.

Written from the bundle itself and the faces it was chosen on, so that a bundle that is replaced
takes its metadata along, and no number is copied by hand.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mien.bundles.description import count_views, describe_input, describe_tta, opset_of, size_of
from mien.bundles.metadata import STARTED_FROM, BundleMetadata, Member
from mien.bundles.reading import Bundle, find_bundle, read_bundle, shipped_names
from mien.errors import DataError
from mien.evaluation.bundles import EvaluationData, predictions_of_bundle, read_evaluation_data
from mien.evaluation.caveats import known_faces
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.predictions import Predictions
from mien.evaluation.scoring import evaluate
from mien.exporting.reproduce import commands_of, own_recipes, own_teachers, recipe_of
from mien.labels import EMOTIONS, TRAIN, VALIDATION
from mien.metrics import wilson_interval
from mien.templates import template

PATTERNS: Final = 6
"""Kinds of mistakes that a metadata lists."""

WEAK: Final = 0.6
"""A class of which less than this share is found is named among the failures."""

WEAKEST: Final = 3
"""So many of them are named."""

RARE: Final = 0.05
"""A class of fewer of the training faces is called rare there."""


@dataclass(frozen=True)
class Network:
    """One network of a bundle, as a metadata tells of it.

    Attributes:
        member: What the bundle says of it.
        title: What its recipe is, in a few words.
        seed: Of its training; None if its recipe names none.
        teacher: How it was taught by others; "" if it was not.
        multiply_adds: For one look at one face; None if its recipe is not known any more.
    """

    member: Member
    title: str
    seed: int | None
    teacher: str
    multiply_adds: int | None


def model_card(name: str, data: str, *, cost: str = "") -> str:
    """Return the model card of a bundle.

    Args:
        name: A shipped name, or a path.
        data: The faces it was trained on; it is measured on their validation split.
        cost: What it was measured to cost; "" leaves that out.

    Raises:
        BundleError: The bundle can't be read or run.
        DataError: The faces can't be read, or are others than those it was trained on.
    """
    bundle, file = read_bundle(name), find_bundle(name).name
    known = read_evaluation_data(bundle.metadata, data)
    _require_own(bundle, known)
    predictions = predictions_of_bundle(bundle, known, VALIDATION)
    evaluation = evaluate(predictions)
    values = {
        **_identity(bundle, file),
        **_origin(bundle.metadata, known, evaluation),
        **_worth(bundle.metadata, predictions, evaluation),
        **_failures(evaluation, known),
        "cost": cost,
        "commands": commands_of(bundle.metadata, file, cost),
        "own_recipes": own_recipes(bundle.metadata),
        "own_teachers": own_teachers(bundle.metadata),
    }
    return template("mien.exporting", "model_card.md.j2").render(values)


def networks_of(metadata: BundleMetadata) -> list[Network]:
    """Return the networks of a bundle."""
    return [
        Network(
            member=member,
            title=str(member.recipe.get("title") or ""),
            seed=member.part("train").get("seed"),
            teacher=_teacher(member.part("distillation")),
            multiply_adds=_multiply_adds(member, metadata),
        )
        for member in metadata.members
    ]


def _require_own(bundle: Bundle, known: EvaluationData) -> None:
    if not known.any_trained_on_it:
        pairs = sorted({(member.source, member.fingerprint) for member in bundle.metadata.members})
        wanted = " or ".join(f"{source} ({fingerprint})" for source, fingerprint in pairs)
        raise DataError(
            f"{known.faces.source}: faces of fingerprint {known.fingerprint}, but bundle {bundle.name} was "
            f"trained on {wanted}; its metadata tells what it is worth on those, mien evaluate on any others"
        )


def _identity(bundle: Bundle, file: str) -> dict[str, Any]:
    metadata = bundle.metadata
    return {
        "metadata": metadata,
        "file": file,
        "asked": bundle.name if bundle.name in shipped_names() else file,
        "size": size_of(bundle),
        "sha256": hashlib.sha256(bundle.content).hexdigest(),
        "opset": opset_of(bundle),
        "faces": describe_input(metadata),
        "tta": describe_tta(metadata.tta),
    }


def _origin(metadata: BundleMetadata, known: EvaluationData, evaluation: Evaluation) -> dict[str, Any]:
    networks, where = networks_of(metadata), known_faces(evaluation)
    work = [network.multiply_adds for network in networks]
    training = known.faces.in_split(TRAIN).sum()
    return {
        "networks": networks,
        "taught": any(network.teacher for network in networks),
        "pretrained": STARTED_FROM in " ".join(metadata.notes.split()),
        "multiply_adds": None if None in work else sum(filter(None, work)) * count_views(metadata.tta),
        "is_fer2013": where is not None,
        "where": where or f"the validation split of {metadata.members[0].source}",
        "training": f"FER2013's {training:,} Training rows" if where else f"{training:,} training faces",
        "sources": sorted({(member.source, member.fingerprint) for member in metadata.members}),
        "chosen_by": sorted(
            {str(member.part("train").get("monitor", "accuracy")) for member in metadata.members}
        ),
    }


def _worth(metadata: BundleMetadata, predictions: Predictions, evaluation: Evaluation) -> dict[str, Any]:
    sure = predictions.confidence >= (
        metadata.confidence_threshold.value if metadata.confidence_threshold else 0
    )
    coverage = float(sure.mean())
    return {
        "evaluation": evaluation,
        "rows": list(_rows(evaluation)),
        "coverage": coverage,
        "sure_accuracy": float(predictions.correct[sure].mean()) if sure.any() else None,
        "stated": _stated(metadata, evaluation, coverage),
    }


def _stated(metadata: BundleMetadata, evaluation: Evaluation, coverage: float) -> str:
    """What the bundle says of itself where that is another number: processors round differently."""
    said = [
        (f"{scores.accuracy:.1%} accuracy", f"{evaluation.accuracy:.1%} accuracy")
        for scores in metadata.scores
        if scores.split == evaluation.split
    ]
    if metadata.confidence_threshold:
        said.append((f"{metadata.confidence_threshold.coverage:.1%} sure", f"{coverage:.1%} sure"))
    return ", ".join(theirs for theirs, _ in said) if any(a != b for a, b in said) else ""


def _rows(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """The classes that have faces, each with the interval of its recall."""
    for position, row in enumerate(evaluation.per_class):
        if row.support:
            hits = evaluation.confusion_matrix[position][position]
            yield {"scores": row, "interval": wilson_interval(hits, row.support)}


def _failures(evaluation: Evaluation, known: EvaluationData) -> dict[str, Any]:
    counts = known.faces.of_split(TRAIN).counts()
    weak = [
        {"name": row.name, "missed": 1 - row.recall, "share": counts[position] / max(1, counts.sum())}
        for position, row in enumerate(evaluation.per_class)
        if row.support and row.recall < WEAK
    ]
    resting = [
        found for found in evaluation.confusions if (found.label, found.predicted) == ("neutral", "sad")
    ]
    return {
        "confusions": evaluation.confusions[:PATTERNS],
        "weak": sorted(weak, key=lambda found: -found["missed"])[:WEAKEST],
        "rare": RARE,
        "resting": resting[0] if resting and evaluation.classes == EMOTIONS else None,
    }


def _teacher(teacher: dict[str, Any]) -> str:
    """How a network was taught: the bundles whose answers had a share in its targets."""
    if not teacher:
        return ""
    names = " and ".join(str(name) for name in teacher.get("teachers", ())) or "other bundles"
    figures = [f"{key} {teacher[key]}" for key in ("alpha", "temperature") if key in teacher]
    return f"{names} ({', '.join(figures)})" if figures else names


def _multiply_adds(member: Member, metadata: BundleMetadata) -> int | None:
    recipe = recipe_of(member)
    if recipe is None:
        return None
    from mien.models import build_network
    from mien.models.summary import summarize, total

    size, channels = metadata.size, recipe.data.channels
    network = build_network(recipe.network, len(metadata.classes), size=size, channels=channels)
    return total(summarize(network, size, channels)).multiply_adds
