"""The metadata of a bundle on the terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from mien.bundles.metadata import BundleMetadata, ConfidenceThreshold, Member, Scores
    from mien.bundles.reading import Bundle
    from mien.bundles.shifts import ShiftScores
    from mien.console import Console

WIDE = 1000
"""Columns of an output that is not a terminal: nothing is wrapped there."""


def print_metadata(bundle: "Bundle") -> None:
    """Print everything that the metadata of a bundle state."""
    console, metadata = new_console(), bundle.metadata
    facts = new_table(console, "bundle", metadata.name)
    for fact in _facts(bundle):
        facts.add_row(*fact)
    console.print(facts)
    tables = [_members(console, metadata.members)]
    if metadata.shifts:
        tables.append(_shifts(console, metadata.shifts))
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
    if not threshold.coverage:
        return f"none is accurate enough on {threshold.split}: every face is uncertain"
    return (
        f"{threshold.value:.2f} (coverage {in_percent(threshold.coverage)} at "
        f"{in_percent(threshold.accuracy)} selective accuracy on {threshold.split})"
    )


def _members(console: "Console", members: "tuple[Member, ...]") -> "Table":
    table = new_table(console, "network", "recipe", "parameters", "trained on", "fingerprint")
    for member in members:
        parameters = f"{member.parameters:,}"
        table.add_row(member.run, member.recipe_name, parameters, member.source, member.fingerprint)
    return table


def _commands(console: "Console", commands: tuple[str, ...]) -> "Table":
    table = new_table(console, "commands")
    for command in commands:
        table.add_row(command)
    return table


def _scores(console: "Console", scores: "tuple[Scores, ...]") -> "Table":
    headings = ("metrics on", "faces", "accuracy (95 % interval)", "macro-F1", "log loss", "ECE")
    table = new_table(console, *headings)
    for found in scores:
        table.add_row(
            found.split,
            f"{found.n:,}",
            _with_interval(found.accuracy, found.interval),
            f"{found.macro_f1:.3f}",
            f"{found.log_loss:.3f}",
            f"{found.calibration_error:.3f}",
        )
    return table


def _shifts(console: "Console", shifts: "ShiftScores") -> "Table":
    table = new_table(console, "under shift", "images", "found", "accuracy (95 % interval)", "unchanged")
    table.add_row(
        "mean", "", "", _with_interval(shifts.accuracy, shifts.interval), in_percent(shifts.unchanged)
    )
    for part in shifts.parts:
        found = "" if part.found is None else in_percent(part.found)
        shares = _with_interval(part.accuracy, part.interval), in_percent(part.unchanged)
        table.add_row(part.name, f"{part.n:,}", found, *shares)
    return table


def _with_interval(share: float, interval: tuple[float, float]) -> str:
    low, high = interval
    return f"{in_percent(share)} ({in_percent(low)} to {in_percent(high)})"


def _recalls(console: "Console", metadata: "BundleMetadata") -> "Table":
    from mien.figures.many_classes import MOST_CLASSES, omission

    names, first = metadata.classes, metadata.scores[0].recalls
    if omitted := omission(len(names), "lowest"):
        names = tuple(sorted(names, key=lambda name: first.get(name, 1.0))[:MOST_CLASSES])
    table = new_table(console, f"recall{omitted}", *(found.split for found in metadata.scores))
    for name in names:
        recalls = (found.recalls.get(name) for found in metadata.scores)
        table.add_row(name, *("" if recall is None else in_percent(recall) for recall in recalls))
    return table


def in_percent(share: float) -> str:
    """Return a fraction as in "71.2 %"."""
    return f"{100 * share:.1f} %"


def new_table(console: "Console", *headings: str) -> "Table":
    """Return a table without lines where the output is not a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def new_console(*, stderr: bool = False) -> "Console":
    """Return a console that wraps nothing where the output is not a terminal."""
    from mien.console import Console

    console = Console(stderr=stderr, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDE
    return console
