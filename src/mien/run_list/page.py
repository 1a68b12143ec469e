"""The HTML page of a comparison of runs: one file that needs no other and no network."""

from typing import Any

from mien import __version__
from mien.figures.encode import inline_svg
from mien.run_list.comparison import RunComparison
from mien.run_list.figures import color_of
from mien.run_list.words import accuracy_text, duration, short_value
from mien.templates import template


def comparison_page(comparison: RunComparison) -> str:
    """Return the page of a comparison."""
    return template("mien.run_list", "comparison.html.j2").render(
        comparison=comparison,
        colors=[color_of(number) for number in range(len(comparison.runs))],
        facts=_facts(comparison),
        values={key: [short_value(value) for value in row] for key, row in comparison.differing.items()},
        drawing=inline_svg(comparison.plot(), "curves", "curves of the runs"),
        epochs=_epochs(comparison),
        version=__version__,
    )


def _facts(comparison: RunComparison) -> dict[str, list[str]]:
    summaries = [run.summary for run in comparison.runs]
    return {
        "state": [one.state for one in summaries],
        "recipe": [one.recipe for one in summaries],
        "epochs": [f"{one.epoch} of {one.epochs}" for one in summaries],
        "best epoch": [str(one.best_epoch or "") for one in summaries],
        "validation accuracy": [accuracy_text(one) for one in summaries],
        "validation loss": ["" if one.loss is None else f"{one.loss:.4f}" for one in summaries],
        "training time": [duration(one.seconds) for one in summaries],
        "data set": [run.info.source.path for run in comparison.runs],
        "folder": [str(one.path) for one in summaries],
    }


def _epochs(comparison: RunComparison) -> list[dict[str, Any]]:
    """Return a row for each epoch, with accuracy and loss of each run that has it."""
    longest = max(len(run.history) for run in comparison.runs)
    return [
        {
            "epoch": number + 1,
            "cells": [run.history[number] if number < len(run.history) else None for run in comparison.runs],
        }
        for number in range(longest)
    ]
