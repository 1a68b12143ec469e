"""`mien bundle`: what a bundle says about itself, which ones ship with mien, and their model cards."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from mien.bundle.names import DEFAULT

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from mien.bundle.card import Card, Member, Scores, Sureness
    from mien.bundle.read import Bundle

app = App(name="bundle")

WIDE = 1000
"""Columns of an output that is no terminal: nothing is wrapped there."""


@app.command
def info(file: str = DEFAULT, /, *, as_json: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Print a bundle's card: classes, networks, what they score, and what an answer is worth.

    Args:
        file: The path of a bundle, or a name from `mien bundle list`.
        as_json: Print the card as JSON instead.
    """
    from mien.bundle.read import read_bundle

    bundle = read_bundle(file)
    if as_json:
        card = bundle.card.model_dump(mode="json")
        print(json.dumps(card, indent=2, ensure_ascii=False))  # noqa: T201 - the result
    else:
        _print_card(bundle)


@app.command(name="list")
def list_() -> None:
    """List the bundles that ship with mien."""
    from mien.bundle.read import read_bundle, shipped_names
    from mien.bundle.words import size_of

    console = _console()
    table = _table(console, "name", "size", "networks", "scores")
    for name in shipped_names():
        bundle = read_bundle(name)
        scores = ", ".join(f"{found.accuracy:.1%} {found.split}" for found in bundle.card.scores)
        table.add_row(name, size_of(bundle), str(len(bundle.card.members)), scores)
    if table.row_count:
        console.print(table)
    else:
        _console(stderr=True).print("no bundle ships with this mien; mien export makes one of a run")


@app.command
def card(file: str = DEFAULT, /, *, data: str, cost: str = "") -> None:
    """Write a model card as Markdown: what a bundle is, is for, is worth and costs, and where it fails.

    The bundle is measured on the validation split it was chosen on. The card goes to standard output,
    as in mien bundle card small --data fer2013.csv > small.md.

    Args:
        file: The path of a bundle, or a name from `mien bundle list`.
        data: The faces that it was trained on.
        cost: What it was measured to cost, such as "0.8 ms a face with one thread of an Intel Xeon".
    """
    from mien.export.model_card import model_card

    print(model_card(file, data, cost=cost), end="")  # noqa: T201 - the result


def _print_card(bundle: "Bundle") -> None:
    console = _console()
    facts = _table(console, "bundle", bundle.card.name)
    for fact in _facts(bundle):
        facts.add_row(*fact)
    console.print(facts)
    console.print()
    console.print(_members(console, bundle.card.members))
    if bundle.card.scores:
        console.print()
        console.print(_scores(console, bundle.card.scores))
        console.print()
        console.print(_recalls(console, bundle.card))


def _facts(bundle: "Bundle") -> Iterator[tuple[str, str]]:
    import hashlib

    from mien.bundle.words import faces_of, opset_of, size_of, views_of

    card = bundle.card
    yield "classes", ", ".join(card.classes)
    yield "faces", faces_of(card)
    yield "views", views_of(card.views)
    yield "temperature", f"{card.temperature:.3f}"
    yield "sure", _sure(card.sureness)
    yield "made", f"{card.created} by mien {card.mien_version}"
    yield "licence", card.licence
    yield "format", f"{card.precision}, ONNX opset {opset_of(bundle)}, {size_of(bundle)}"
    yield "SHA-256", hashlib.sha256(bundle.content).hexdigest()
    if card.notes:
        yield "notes", card.notes


def _sure(sureness: "Sureness | None") -> str:
    if sureness is None:
        return "always: no threshold was chosen"
    return (
        f"from {sureness.threshold:.2f} on: covers {sureness.coverage:.1%} of the {sureness.split} faces, "
        f"{sureness.accuracy:.1%} of them right"
    )


def _members(console: "Console", members: "tuple[Member, ...]") -> "Table":
    table = _table(console, "network", "recipe", "parameters", "trained on", "fingerprint")
    for member in members:
        parameters = f"{member.parameters:,}"
        table.add_row(member.run, member.recipe_name, parameters, member.source, member.fingerprint)
    return table


def _scores(console: "Console", scores: "tuple[Scores, ...]") -> "Table":
    headings = ("split", "faces", "accuracy (95 % interval)", "macro-F1", "log-loss", "ECE")
    table = _table(console, *headings)
    for found in scores:
        low, high = found.interval
        table.add_row(
            found.split,
            f"{found.n:,}",
            f"{found.accuracy:.1%} ({low:.1%} to {high:.1%})",
            f"{found.macro_f1:.3f}",
            f"{found.log_loss:.3f}",
            f"{found.calibration_error:.3f}",
        )
    return table


def _recalls(console: "Console", card: "Card") -> "Table":
    table = _table(console, "recall", *(found.split for found in card.scores))
    for name in card.classes:
        recalls = (found.recalls.get(name) for found in card.scores)
        table.add_row(name, *("" if recall is None else f"{recall:.1%}" for recall in recalls))
    return table


def _table(console: "Console", *headings: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDE
    return console
