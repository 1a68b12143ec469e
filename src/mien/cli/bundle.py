"""`mien bundle`: prints the metadata of a bundle, lists the shipped bundles, writes model cards."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from mien.bundles.defaults import DEFAULT
from mien.cli import candidates
from mien.cli.option_groups import DATA, OUTPUT, Name
from mien.cli.printing import print_json, print_result
from mien.cli.streams import require_output

if TYPE_CHECKING:
    from rich.table import Table

    from mien.bundles.metadata import BundleMetadata, ConfidenceThreshold, Member, Scores
    from mien.bundles.reading import Bundle
    from mien.console import Console

app = App(name="bundle")

WIDE = 1000
"""Columns of an output that is not a terminal: nothing is wrapped there."""


@app.command
def info(
    file: Annotated[Name, Parameter(completer=candidates.bundles)] = DEFAULT,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
) -> None:
    """Print the metadata of a bundle: classes, input, networks, metrics and confidence threshold.

    Args:
        file: The path of a bundle, or a name from `mien bundle list`.
        as_json: Print the metadata as JSON instead.
    """
    from mien.bundles.reading import read_bundle

    require_output()
    bundle = read_bundle(file)
    if as_json:
        metadata = bundle.metadata.model_dump(mode="json")
        print_json(metadata)
    else:
        _print_metadata(bundle)


@app.command(name="list")
def list_() -> None:
    """List the bundles that ship with mien."""
    from mien.bundles.description import size_of
    from mien.bundles.reading import read_bundle, shipped_names

    require_output()
    console = _console()
    table = _table(console, "name", "size", "networks", "scores")
    for name in shipped_names():
        bundle = read_bundle(name)
        scores = ", ".join(f"{_percent(found.accuracy)} {found.split}" for found in bundle.metadata.scores)
        table.add_row(name, size_of(bundle), str(len(bundle.metadata.members)), scores)
    if table.row_count:
        console.print(table)
    else:
        _console(stderr=True).print(
            "no bundle ships with this installation; mien export creates one from a run"
        )


@app.command
def card(
    file: Annotated[Name, Parameter(completer=candidates.bundles)] = DEFAULT,
    /,
    *,
    data: Annotated[Name, Parameter(group=DATA)],
    cost: Annotated[str, Parameter(group=OUTPUT)] = "",
) -> None:
    """Write the model card of a bundle as Markdown: intended use, metrics, limitations, reproduction.

    The bundle is measured on its validation split. The card goes to standard output, as in
    mien bundle card small --data fer2013.csv > small.md.

    Args:
        file: The path of a bundle, or a name from `mien bundle list`.
        data: The data set that it was trained on.
        cost: Its measured latency, such as "0.8 ms per face, one thread of an Intel Xeon".
    """
    from mien.cli.image_progress import reading_bar
    from mien.exporting.model_card import model_card

    require_output()
    with reading_bar(_console(stderr=True)):
        text = model_card(file, data, cost=cost)
    print_result(text.removesuffix("\n"))


def _print_metadata(bundle: "Bundle") -> None:
    console, metadata = _console(), bundle.metadata
    facts = _table(console, "bundle", metadata.name)
    for fact in _facts(bundle):
        facts.add_row(*fact)
    console.print(facts)
    tables = [_members(console, metadata.members)]
    if metadata.scores:
        tables += [_scores(console, metadata.scores), _recalls(console, metadata)]
    if metadata.commands:
        tables.append(_commands(console, metadata.commands))
    for table in tables:
        console.print()
        console.print(table)


def _facts(bundle: "Bundle") -> Iterator[tuple[str, str]]:
    import hashlib

    from mien.bundles.description import describe_calibration, describe_input, describe_tta, opset_of, size_of
    from mien.figures.many_classes import listed

    metadata = bundle.metadata
    yield "classes", listed(metadata.classes)
    yield "input", describe_input(metadata)
    yield "test-time augmentation", describe_tta(metadata.tta)
    yield "calibration", describe_calibration(metadata.calibration)
    yield "confidence threshold", _describe_threshold(metadata.confidence_threshold)
    yield "created", f"{metadata.created} by mien {metadata.mien_version}"
    yield "license", metadata.license
    yield "format", f"{metadata.precision}, ONNX opset {opset_of(bundle)}, {size_of(bundle)}"
    yield "SHA-256", hashlib.sha256(bundle.content).hexdigest()
    if metadata.notes:
        yield "notes", metadata.notes


def _describe_threshold(threshold: "ConfidenceThreshold | None") -> str:
    if threshold is None:
        return "none"
    return (
        f"{threshold.value:.2f} (coverage {_percent(threshold.coverage)} at "
        f"{_percent(threshold.accuracy)} selective accuracy on {threshold.split})"
    )


def _members(console: "Console", members: "tuple[Member, ...]") -> "Table":
    table = _table(console, "network", "recipe", "parameters", "trained on", "fingerprint")
    for member in members:
        parameters = f"{member.parameters:,}"
        table.add_row(member.run, member.recipe_name, parameters, member.source, member.fingerprint)
    return table


def _commands(console: "Console", commands: tuple[str, ...]) -> "Table":
    table = _table(console, "commands")
    for command in commands:
        table.add_row(command)
    return table


def _scores(console: "Console", scores: "tuple[Scores, ...]") -> "Table":
    headings = ("metrics on", "faces", "accuracy (95 % interval)", "macro-F1", "log loss", "ECE")
    table = _table(console, *headings)
    for found in scores:
        low, high = found.interval
        table.add_row(
            found.split,
            f"{found.n:,}",
            f"{_percent(found.accuracy)} ({_percent(low)} to {_percent(high)})",
            f"{found.macro_f1:.3f}",
            f"{found.log_loss:.3f}",
            f"{found.calibration_error:.3f}",
        )
    return table


def _recalls(console: "Console", metadata: "BundleMetadata") -> "Table":
    from mien.figures.many_classes import MOST_CLASSES, omission

    names, first = metadata.classes, metadata.scores[0].recalls
    if omitted := omission(len(names), "lowest"):
        names = tuple(sorted(names, key=lambda name: first.get(name, 1.0))[:MOST_CLASSES])
    table = _table(console, f"recall{omitted}", *(found.split for found in metadata.scores))
    for name in names:
        recalls = (found.recalls.get(name) for found in metadata.scores)
        table.add_row(name, *("" if recall is None else _percent(recall) for recall in recalls))
    return table


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table(console: "Console", *headings: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _console(*, stderr: bool = False) -> "Console":
    from mien.console import Console

    console = Console(stderr=stderr, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDE
    return console
