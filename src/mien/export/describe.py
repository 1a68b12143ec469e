"""The card of a new bundle: what it was made of, and what it scored on validation.

It goes wherever the bundle goes, so no path of this machine stands in it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mien import __version__
from mien.bundle.card import Card, Member, Scores, Sureness
from mien.evaluate.calibrate import sureness
from mien.evaluate.evaluation import evaluate
from mien.evaluate.predictions import Predictions
from mien.evaluate.run import weights_of
from mien.export.check import Answers
from mien.export.faces import Validation
from mien.export.graph import BundleGraph
from mien.labels import VALIDATION
from mien.train.run import Run


def card_of(
    runs: Sequence[Run],
    graph: BundleGraph,
    answers: Answers,
    validation: Validation,
    *,
    name: str,
    int8: bool,
) -> Card:
    """Return the card of a bundle.

    Args:
        runs: What it is made of.
        graph: Its graph, calibrated.
        answers: What the bundle says about the validation faces.
        validation: Those faces.
        name: What it is called.
        int8: Its weights are 8-bit integers.
    """
    first, members = runs[0], members_of(runs, graph)
    sure = sureness(answers.probabilities, validation.labels)
    return Card(
        name=name,
        mien_version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        licence=_licence(members),
        classes=first.classes,
        side=first.info.side,
        clahe=first.recipe.prepare.clahe,
        temperature=graph.temperature,
        precision="int8" if int8 else "float32",
        views=graph.views,
        members=members,
        scores=(_scores(answers, validation, first.classes),),
        sureness=Sureness(**sure._asdict(), split=VALIDATION),
        notes=_notes(runs),
    )


def members_of(runs: Sequence[Run], graph: BundleGraph) -> tuple[Member, ...]:
    """Return what a card tells of each run, without a path of this machine."""
    return tuple(
        Member(
            run=run.name,
            recipe_name=run.info.recipe_name,
            recipe=_recipe(run),
            source=Path(run.source).name,
            fingerprint=run.fingerprint,
            weights=weights_of(run) or "",
            parameters=sum(weight.numel() for weight in network.parameters()),
        )
        for run, network in zip(runs, graph.networks, strict=True)
    )


def _recipe(run: Run) -> dict[str, Any]:
    """The recipe as used; its teachers by the names of their files."""
    tree = run.recipe.model_dump(mode="json")
    if run.recipe.teacher:
        tree["teacher"]["bundles"] = _teachers(run)
    return tree


def _teachers(run: Run) -> list[str]:
    return [Path(name).name for name in run.recipe.teacher.bundles] if run.recipe.teacher else []


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


def _notes(runs: Sequence[Run]) -> str:
    """Weights that a training started from or was taught by have terms of their own, too."""
    origins = sorted({Path(run.info.pretrained).name for run in runs if run.info.pretrained})
    teachers = sorted({name for run in runs for name in _teachers(run)})
    notes = [f"The training started from {' and '.join(origins)}."] if origins else []
    notes += [f"It was taught by {' and '.join(teachers)}."] if teachers else []
    return " ".join(notes)
