"""The report on a study: `best.yaml`, figures as PNG, a table as CSV, and one HTML page with all of it."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mien import __version__
from mien.config.recipe import MEASURED
from mien.errors import MienError
from mien.figures.encode import inline_svg, png
from mien.figures.style import figure_of
from mien.files.writing import write_bytes, write_csv, write_text
from mien.labels import TEST, VALIDATION
from mien.templates import template
from mien.text import counted
from mien.training.run_folder.recipe import recipe_text
from mien.training.run_folder.run import RunFolder
from mien.tuning import plots
from mien.tuning.parameters import text_of
from mien.tuning.space_file import yaml_of
from mien.tuning.statistics import Importance, counts_of, importance_of, interval_of, selection_optimism
from mien.tuning.storage import UNPRUNED, rungs
from mien.tuning.study import StudyFolder
from mien.tuning.study_file import BEST, PAGE
from mien.tuning.trials import COMPLETE, PRUNED, Trial, best_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLE: Final = "trials.csv"
MOST_ROWS: Final = 30
"""Rows of the table in the page; the CSV file has all trials."""


@dataclass(frozen=True)
class Section:
    """A figure of the page, with the text that explains it."""

    name: str
    title: str
    text: str
    figure: "Figure"


def write_study_report(study: StudyFolder) -> Path:
    """Write the report into the folder of a study, and return the path of its page.

    Raises:
        RunError: The journal is missing or damaged.
        MienError: The folder can't be written.
    """
    trials = study.trials
    best = best_of(trials)
    if best is not None:
        write_text(study.path / BEST, best_recipe_text(study))
    _write_table(study, trials)
    importance = importance_of(trials, study.info.parameters, study.base.train.epochs)
    shown = []
    for section in _sections(study, trials, importance):
        write_bytes(study.path / f"{section.name}.png", png(section.figure))
        drawing = inline_svg(section.figure, section.name, section.title)
        shown.append({"name": section.name, "title": section.title, "text": section.text, "drawing": drawing})
    write_text(study.path / PAGE, _page(study, trials, best, shown))
    return study.path / PAGE


def best_recipe_text(study: StudyFolder) -> str:
    """Return the recipe of the best trial as YAML, with a header that says where it is from.

    Raises:
        RunError: No trial is complete.
    """
    trials = study.trials
    recipe, best = study.best_recipe(), best_of(trials)
    number = counted(len(trials), "trial")
    header = [f"{study.info.recipe_name}, tuned: the best of {number} of the study {study.name}."]
    if best is not None and best.accuracy is not None:
        header.append(
            f"Trial {best.number}: {100 * best.accuracy:.2f} % on the hold-out, which selected it, so the "
            "accuracy on other faces is probably lower."
        )
    tree = recipe.model_dump(mode="json", exclude_none=True)
    tree = {key: value for key, value in tree.items() if key not in MEASURED or value}
    return "".join(f"# {line}\n" for line in header) + recipe_text(tree)


def _write_table(study: StudyFolder, trials: Sequence[Trial]) -> None:
    keys = list(study.info.parameters.parameters)
    header = ("trial", "state", "accuracy", "epochs", "seconds", *keys, "reason")
    rows = [
        (one.number, one.state, "" if one.accuracy is None else f"{one.accuracy:.6f}", one.epochs,
         f"{one.seconds:.1f}", *(one.values.get(key, "") for key in keys), one.reason)
        for one in trials
    ]  # fmt: skip
    write_csv(study.path / TABLE, header, rows)


def _sections(
    study: StudyFolder, trials: Sequence[Trial], importance: Importance | None
) -> Iterator[Section]:
    """Yield the figures that there are results for."""
    space, epochs = study.info.parameters, study.base.train.epochs
    if not any(one.accuracies for one in trials):
        return
    compared = rungs(epochs) if study.info.pruning else []
    yield Section("history", "History", _history_text(trials), figure_of(plots.plot_history(trials)))
    yield Section(
        "epochs", "Accuracy by epoch", _pruning_text(compared, epochs),
        figure_of(plots.plot_epochs(trials, compared)),
    )  # fmt: skip
    yield Section(
        "parallel_coordinates", "Parallel coordinates",
        "Each vertical axis is a key of the search space, the last one the accuracy on the hold-out.",
        figure_of(plots.plot_parallel(trials, space)),
    )  # fmt: skip
    if importance is not None:
        yield Section(
            "importance", "Importance", _importance_text(importance),
            figure_of(plots.plot_importance(importance)),
        )  # fmt: skip
    yield Section(
        "values", "Accuracy by value",
        "One panel for each key: filled dots are complete trials; empty ones were pruned, with the best "
        "accuracy that they reached; red is the best trial.",
        plots.plot_values(trials, space),
    )  # fmt: skip


def _history_text(trials: Sequence[Trial]) -> str:
    counts = counts_of(trials)
    listed = ", ".join(f"{count} {state}" for state, count in counts.items())
    return (
        f"{counted(len(trials), 'trial')}: {listed}. Pruned trials show the best accuracy that they reached."
    )


def _pruning_text(compared: Sequence[int], epochs: int) -> str:
    if not compared:
        return f"Trials were not pruned: each has {counted(epochs, 'epoch')}, unless early stopping ended it."
    after = " and ".join(map(str, compared))
    return (
        f"Successive halving compares trials after {after} of {counted(epochs, 'epoch')}: the best third "
        f"of those that got so far continues, besides the first {UNPRUNED}. A setting that starts slowly "
        "may be pruned though it would have ended well."
    )


def _importance_text(importance: Importance) -> str:
    what = "the best epoch" if importance.epoch is None else f"epoch {importance.epoch}"
    few = " With so few trials this is a rough estimate." if importance.trials < 30 else ""
    return (
        f"How much of the variance of the accuracy in {what} a key explains alone, within the search space "
        f"(fANOVA, {counted(importance.trials, 'trial')}): another space gives other shares.{few}"
    )


def _page(
    study: StudyFolder, trials: Sequence[Trial], best: Trial | None, shown: list[dict[str, str]]
) -> str:
    counts = _faces_of(best or next(iter(trials), None))
    return template("mien.tuning", "page.html.j2").render(
        study=study,
        info=study.info,
        trials=trials,
        counts=counts_of(trials),
        best=best,
        baseline=next((one for one in trials if one.is_baseline and one.state == COMPLETE), None),
        rows=_rows(trials),
        keys=list(study.info.parameters.parameters),
        recipe=best_recipe_text(study) if best else "",
        faces=counts,
        duration=timedelta(seconds=round(sum(one.seconds for one in trials))),
        notes=_notes(study, trials, best, counts.get(VALIDATION, 0)),
        commands=_commands(study, best, has_test=bool(counts.get(TEST))),
        sections=shown,
        version=__version__,
        text_of=text_of,
        space=yaml_of(study.info.space),
        **_numbers(trials, best, counts.get(VALIDATION, 0)),
    )


def _faces_of(trial: Trial | None) -> dict[str, int]:
    """Faces of the splits of a trial's run; none if it has not begun."""
    if trial is None:
        return {}
    try:
        return RunFolder(trial.path).info.counts
    except MienError:
        return {}


def _rows(trials: Sequence[Trial]) -> list[Trial]:
    """The trials of the table: complete ones by accuracy, then the others."""
    ordered = sorted(trials, key=lambda one: (one.state != COMPLETE, -(one.accuracy or 0), one.number))
    return ordered[:MOST_ROWS]


def _numbers(trials: Sequence[Trial], best: Trial | None, faces: int) -> dict[str, Any]:
    if best is None or best.accuracy is None or not faces:
        return {"interval": None, "optimism": 0.0, "selected_from": 0}
    count = _selected_from(trials)
    return {
        "interval": interval_of(best.accuracy, faces),
        "optimism": selection_optimism(best.accuracy, faces, count),
        "selected_from": count,
    }


def _selected_from(trials: Sequence[Trial]) -> int:
    """Trials that were compared: pruned ones, too, since they could have won."""
    return sum(one.state in (COMPLETE, PRUNED) for one in trials)


def _notes(study: StudyFolder, trials: Sequence[Trial], best: Trial | None, faces: int) -> list[str]:
    """Limits of the result, the most important first."""
    if best is None or best.accuracy is None:
        return ["No trial is complete yet."]
    count = _selected_from(trials)
    optimism = 100 * selection_optimism(best.accuracy, faces, count) if faces else 0.0
    notes = [_selection_note(count, faces, optimism)]
    if study.info.source.path.startswith("synthetic"):
        notes.append("These faces are synthetic: the numbers say nothing about photographs.")
    notes += _leakage(best)
    running = sum(one.state == "running" for one in trials)
    if running:
        notes.append(f"Not finished: {counted(running, 'trial')}, running or waiting to be continued.")
    return notes


def _selection_note(count: int, faces: int, optimism: float) -> str:
    if count < 2:
        return "Only one trial has ended, so nothing was selected yet."
    return (
        f"The best of {count} trials was selected on {counted(faces, 'face')} held out of the training "
        "split, as was the best epoch of each trial. Its accuracy is too high for other faces: if all "
        "trials were equally good, the best would still exceed their true accuracy by up to "
        f"{optimism:.1f} points, by chance. Check it on faces that selected nothing, with several seeds."
    )


def _leakage(best: Trial) -> Sequence[str]:
    try:
        return RunFolder(best.path).info.leakage_warnings
    except MienError:
        return ()


def _commands(study: StudyFolder, best: Trial | None, *, has_test: bool) -> list[str]:
    """Commands for the final check."""
    if best is None:
        return []
    data = shlex.quote(study.info.source.path) if study.info.source.path else "DATA"
    recipe = shlex.quote(str(study.path / BEST))
    commands = [f"mien train {recipe} --data {data} --seed {seed}" for seed in (0, 1, 2)]
    if has_test:
        commands.insert(0, f"mien evaluate {shlex.quote(str(best.path))} --split test")
    return commands
