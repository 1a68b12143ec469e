"""The model card of a bundle, as Markdown: what it is, is for, is worth and costs, and where it fails.

Written from the bundle itself and the faces it was chosen on, so that a bundle that is replaced
takes its card along, and no number is copied by hand.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mien.bundle.card import STARTED_FROM, Card, Member
from mien.bundle.read import Bundle, find_bundle, read_bundle, shipped_names
from mien.bundle.words import count_views, faces_of, opset_of, size_of, views_of
from mien.errors import DataError
from mien.evaluate.bundles import Known, predictions_of_bundle, read_known
from mien.evaluate.caveats import known_faces
from mien.evaluate.evaluation import Evaluation, evaluate
from mien.evaluate.predictions import Predictions
from mien.export.again import commands_of, own_recipes, own_teachers, recipe_of
from mien.labels import EMOTIONS, TRAIN, VALIDATION
from mien.metrics import wilson_interval
from mien.templates import template

PATTERNS: Final = 6
"""Kinds of mistakes that a card lists."""

WEAK: Final = 0.6
"""A class of which less than this share is found is named among the failures."""

WEAKEST: Final = 3
"""So many of them are named."""

RARE: Final = 0.05
"""A class of fewer of the training faces is called rare there."""


@dataclass(frozen=True)
class Network:
    """One network of a bundle, as a card tells of it.

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
    known = read_known(bundle.card, data)
    _require_own(bundle, known)
    predictions = predictions_of_bundle(bundle, known, VALIDATION)
    evaluation = evaluate(predictions)
    values = {
        **_identity(bundle, file),
        **_origin(bundle.card, known, evaluation),
        **_worth(bundle.card, predictions, evaluation),
        **_failures(evaluation, known),
        "cost": cost,
        "commands": commands_of(bundle.card, file, cost),
        "own_recipes": own_recipes(bundle.card),
        "own_teachers": own_teachers(bundle.card),
    }
    return template("mien.export", "model_card.md.j2").render(values)


def networks_of(card: Card) -> list[Network]:
    """Return the networks of a bundle."""
    return [
        Network(
            member=member,
            title=str(member.recipe.get("title") or ""),
            seed=member.part("train").get("seed"),
            teacher=_teacher(member.part("teacher")),
            multiply_adds=_multiply_adds(member, card),
        )
        for member in card.members
    ]


def _require_own(bundle: Bundle, known: Known) -> None:
    if not known.by_some:
        pairs = sorted({(member.source, member.fingerprint) for member in bundle.card.members})
        wanted = " or ".join(f"{source} ({fingerprint})" for source, fingerprint in pairs)
        raise DataError(
            f"{known.faces.source}: faces of fingerprint {known.fingerprint}, but bundle {bundle.name} was "
            f"trained on {wanted}; its card tells what it is worth on those, mien evaluate on any others"
        )


def _identity(bundle: Bundle, file: str) -> dict[str, Any]:
    card = bundle.card
    return {
        "card": card,
        "file": file,
        "asked": bundle.name if bundle.name in shipped_names() else file,
        "size": size_of(bundle),
        "sha256": hashlib.sha256(bundle.content).hexdigest(),
        "opset": opset_of(bundle),
        "faces": faces_of(card),
        "views": views_of(card.views),
    }


def _origin(card: Card, known: Known, evaluation: Evaluation) -> dict[str, Any]:
    networks, where = networks_of(card), known_faces(evaluation)
    work = [network.multiply_adds for network in networks]
    training = known.faces.in_split(TRAIN).sum()
    return {
        "networks": networks,
        "taught": any(network.teacher for network in networks),
        "pretrained": STARTED_FROM in " ".join(card.notes.split()),
        "multiply_adds": None if None in work else sum(filter(None, work)) * count_views(card.views),
        "is_fer2013": where is not None,
        "where": where or f"the validation split of {card.members[0].source}",
        "training": f"FER2013's {training:,} Training rows" if where else f"{training:,} training faces",
        "sources": sorted({(member.source, member.fingerprint) for member in card.members}),
        "chosen_by": sorted(
            {str(member.part("train").get("choose_by", "accuracy")) for member in card.members}
        ),
    }


def _worth(card: Card, predictions: Predictions, evaluation: Evaluation) -> dict[str, Any]:
    sure = predictions.confidence >= (card.sureness.threshold if card.sureness else 0)
    coverage = float(sure.mean())
    return {
        "evaluation": evaluation,
        "rows": list(_rows(evaluation)),
        "coverage": coverage,
        "sure_accuracy": float(predictions.correct[sure].mean()) if sure.any() else None,
        "stated": _stated(card, evaluation, coverage),
    }


def _stated(card: Card, evaluation: Evaluation, coverage: float) -> str:
    """What the bundle says of itself where that is another number: processors round differently."""
    said = [
        (f"{scores.accuracy:.1%} accuracy", f"{evaluation.accuracy:.1%} accuracy")
        for scores in card.scores
        if scores.split == evaluation.split
    ]
    if card.sureness:
        said.append((f"{card.sureness.coverage:.1%} sure", f"{coverage:.1%} sure"))
    return ", ".join(theirs for theirs, _ in said) if any(a != b for a, b in said) else ""


def _rows(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """The classes that have faces, each with the interval of its recall."""
    for position, row in enumerate(evaluation.per_class):
        if row.support:
            hits = evaluation.confusion[position][position]
            yield {"scores": row, "interval": wilson_interval(hits, row.support)}


def _failures(evaluation: Evaluation, known: Known) -> dict[str, Any]:
    counts = known.faces.of_split(TRAIN).counts()
    weak = [
        {"name": row.name, "missed": 1 - row.recall, "share": counts[position] / max(1, counts.sum())}
        for position, row in enumerate(evaluation.per_class)
        if row.support and row.recall < WEAK
    ]
    resting = [found for found in evaluation.patterns if (found.truth, found.answer) == ("neutral", "sad")]
    return {
        "patterns": evaluation.patterns[:PATTERNS],
        "weak": sorted(weak, key=lambda found: -found["missed"])[:WEAKEST],
        "rare": RARE,
        "resting": resting[0] if resting and evaluation.classes == EMOTIONS else None,
    }


def _teacher(teacher: dict[str, Any]) -> str:
    """How a network was taught: the bundles whose answers had a share in its targets."""
    if not teacher:
        return ""
    names = " and ".join(str(name) for name in teacher.get("bundles", ())) or "other bundles"
    figures = [f"{key} {teacher[key]}" for key in ("share", "temperature") if key in teacher]
    return f"{names} ({', '.join(figures)})" if figures else names


def _multiply_adds(member: Member, card: Card) -> int | None:
    recipe = recipe_of(member)
    if recipe is None:
        return None
    from mien.models.registry import build_network
    from mien.models.summary import summarise, total

    network = build_network(recipe.network, len(card.classes), side=card.side)
    return total(summarise(network, card.side)).multiply_adds
