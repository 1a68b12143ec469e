"""`mien bundle`: what a bundle says about itself, which ones ship with mien, and their model cards."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from mien.bundles.defaults import DEFAULT

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from mien.bundles.metadata import BundleMetadata, ConfidenceThreshold, Member, Scores
    from mien.bundles.reading import Bundle

app = App(name="bundle")

WIDE = 1000
"""Columns of an output that is no terminal: nothing is wrapped there."""


@app.command
def info(file: str = DEFAULT, /, *, as_json: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Print a bundle's metadata: classes, networks, what they score, and what an answer is worth.

    Args:
        file: The path of a bundle, or a name from `mien bundle list`.
        as_json: Print the metadata as JSON instead.
    """
    from mien.bundles.reading import read_bundle

    bundle = read_bundle(file)
    if as_json:
        metadata = bundle.metadata.model_dump(mode="json")
        print(json.dumps(metadata, indent=2, ensure_ascii=False))  # noqa: T201 - the result
    else:
        _print_card(bundle)


@app.command(name="list")
def list_() -> None:
    """List the bundles that ship with mien."""
    from mien.bundles.description import size_of
    from mien.bundles.reading import read_bundle, shipped_names

    console = _console()
    table = _table(console, "name", "size", "networks", "scores")
    for name in shipped_names():
        bundle = read_bundle(name)
        scores = ", ".join(f"{found.accuracy:.1%} {found.split}" for found in bundle.metadata.scores)
        table.add_row(name, size_of(bundle), str(len(bundle.metadata.members)), scores)
    if table.row_count:
        console.print(table)
    else:
        _console(stderr=True).print("no bundle ships with this mien; mien export makes one of a run")


@app.command
def card(file: str = DEFAULT, /, *, data: str, cost: str = "") -> None:
    """Write a model card as Markdown: what a bundle is, is for, is worth and costs, and where it fails.

    The bundle is measured on the validation split it was chosen on. The metadata goes to standard output,
    as in mien bundle metadata small --data fer2013.csv > small.md.

    Args:
        file: The path of a bundle, or a name from `mien bundle list`.
        data: The faces that it was trained on.
        cost: What it was measured to cost, such as "0.8 ms a face with one thread of an Intel Xeon".
    """
    from mien.exporting.model_card import model_card

    print(model_card(file, data, cost=cost), end="")  # noqa: T201 - the result


def _print_card(bundle: "Bundle") -> None:
    console = _console()
    facts = _table(console, "bundle", bundle.metadata.name)
    for fact in _facts(bundle):
        facts.add_row(*fact)
    console.print(facts)
    console.print()
    console.print(_members(console, bundle.metadata.members))
    if bundle.metadata.scores:
        console.print()
        console.print(_scores(console, bundle.metadata.scores))
        console.print()
        console.print(_recalls(console, bundle.metadata))


def _facts(bundle: "Bundle") -> Iterator[tuple[str, str]]:
    import hashlib

    from mien.bundles.description import describe_input, describe_tta, opset_of, size_of

    metadata = bundle.metadata
    yield "classes", ", ".join(metadata.classes)
    yield "faces", describe_input(metadata)
    yield "views", describe_tta(metadata.tta)
    yield "temperature", f"{metadata.temperature:.3f}"
    yield "sure", _sure(metadata.confidence_threshold)
    yield "made", f"{metadata.created} by mien {metadata.mien_version}"
    yield "license", metadata.license
    yield "format", f"{metadata.precision}, ONNX opset {opset_of(bundle)}, {size_of(bundle)}"
    yield "SHA-256", hashlib.sha256(bundle.content).hexdigest()
    if metadata.notes:
        yield "notes", metadata.notes


def _sure(confidence_threshold: "ConfidenceThreshold | None") -> str:
    if confidence_threshold is None:
        return "always: no threshold was chosen"
    return (
        f"from {confidence_threshold.value:.2f} on: covers {confidence_threshold.coverage:.1%} of the {confidence_threshold.split} faces, "
        f"{confidence_threshold.accuracy:.1%} of them right"
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


def _recalls(console: "Console", metadata: "BundleMetadata") -> "Table":
    table = _table(console, "recall", *(found.split for found in metadata.scores))
    for name in metadata.classes:
        recalls = (found.recalls.get(name) for found in metadata.scores)
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
