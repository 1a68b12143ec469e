"""The metadata of a bundle on the terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table

from mien.cli.tables import new_table, result_console
from mien.console import Console
from mien.percent import percent
from mien.text import listed

if TYPE_CHECKING:
    from mien.bundles.metadata import BundleMetadata, ConfidenceThreshold, Member, Scores
    from mien.bundles.reading import Bundle
    from mien.bundles.shifts import ShiftScores


def print_metadata(bundle: "Bundle") -> None:
    """Print everything that the metadata of a bundle state."""
    console, metadata = result_console(), bundle.metadata
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
    from mien.figures.many_classes import MOST_CLASSES

    metadata = bundle.metadata
    yield "classes", listed(metadata.classes, MOST_CLASSES)
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
        f"{threshold.value:.2f} (coverage {percent(threshold.coverage, 1)} at "
        f"{percent(threshold.accuracy, 1)} selective accuracy on {threshold.split})"
    )


def _members(console: Console, members: "tuple[Member, ...]") -> Table:
    table = new_table(console, "network", "recipe", "parameters", "trained on", "fingerprint")
    for member in members:
        parameters = f"{member.parameters:,}"
        table.add_row(member.run, member.recipe_name, parameters, member.source, member.fingerprint)
    return table


def _commands(console: Console, commands: tuple[str, ...]) -> Table:
    table = new_table(console, "commands")
    for command in commands:
        table.add_row(command)
    return table


def _scores(console: Console, scores: "tuple[Scores, ...]") -> Table:
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


def _shifts(console: Console, shifts: "ShiftScores") -> Table:
    table = new_table(console, "under shift", "images", "found", "accuracy (95 % interval)", "unchanged")
    table.add_row(
        "mean", "", "", _with_interval(shifts.accuracy, shifts.interval), percent(shifts.unchanged, 1)
    )
    for part in shifts.parts:
        found = "" if part.found is None else percent(part.found, 1)
        shares = _with_interval(part.accuracy, part.interval), percent(part.unchanged, 1)
        table.add_row(part.name, f"{part.n:,}", found, *shares)
    return table


def _with_interval(share: float, interval: tuple[float, float]) -> str:
    low, high = interval
    return f"{percent(share, 1)} ({percent(low, 1)} to {percent(high, 1)})"


def _recalls(console: Console, metadata: "BundleMetadata") -> Table:
    from mien.figures.many_classes import MOST_CLASSES, omission

    names, first = metadata.classes, metadata.scores[0].recalls
    if omitted := omission(len(names), "lowest"):
        names = tuple(sorted(names, key=lambda name: first.get(name, 1.0))[:MOST_CLASSES])
    table = new_table(console, f"recall{omitted}", *(found.split for found in metadata.scores))
    for name in names:
        recalls = (found.recalls.get(name) for found in metadata.scores)
        table.add_row(name, *("" if recall is None else percent(recall, 1) for recall in recalls))
    return table
