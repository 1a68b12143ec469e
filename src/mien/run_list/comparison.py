"""Two runs or more side by side: their curves, and the values of their recipes that differ."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mien.errors import MienError, RunError
from mien.files.writing import as_path, write_bytes, write_text
from mien.run_list.summary import FINISHED, RunSummary, summarize_run
from mien.training.run_folder.changes import dotted_keys, value_at
from mien.training.run_folder.history import read_history
from mien.training.run_folder.info import RunInfo, read_info
from mien.training.run_folder.state import Epoch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_RUNS: Final = 20
"""Runs that can be compared; more curves can't be distinguished."""

_DESCRIPTIVE: Final = frozenset({"title", "cost", "result"})


@dataclass(frozen=True)
class ComparedRun:
    """One of the runs that are compared.

    Attributes:
        name: Short name, unique in the comparison.
        summary: Its state, accuracy and recipe.
        history: A row for each epoch.
        info: The content of its `run.json`.
    """

    name: str
    summary: RunSummary
    history: tuple[Epoch, ...]
    info: RunInfo


@dataclass(frozen=True)
class RunComparison:
    """A comparison of runs.

    Attributes:
        runs: The runs, in the order given.
        differing: Values of the recipes that differ, by their dotted keys: one for each run, None where a
            recipe lacks the key.
        notes: What limits the comparison, one sentence each.
    """

    runs: tuple[ComparedRun, ...]
    differing: dict[str, tuple[Any, ...]]
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        if not (isinstance(self.runs, tuple) and all(isinstance(run, ComparedRun) for run in self.runs)):
            raise MienError("RunComparison: runs must be a tuple of runs; use mien.compare_runs")

    @property
    def names(self) -> list[str]:
        """Names of the runs."""
        return [run.name for run in self.runs]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as values that JSON can hold."""
        return {
            "runs": [
                {
                    **run.summary.to_dict(),
                    "data": run.info.source.path,
                    "fingerprint": run.info.source.fingerprint,
                }
                for run in self.runs
            ],
            "differing": {
                key: dict(zip(self.names, row, strict=True)) for key, row in self.differing.items()
            },
            "history": {run.name: [asdict(row) for row in run.history] for run in self.runs},
            "notes": list(self.notes),
        }

    def plot(self) -> "Figure":
        """Return a figure of the curves: accuracy and loss by epoch, accuracy by time, learning rate.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        from mien.run_list.figures import plot_runs

        return plot_runs(self.runs)

    def write(self, path: str | Path) -> Path:
        """Write an HTML page (.html), or the figure of the curves (.png), and return its path.

        Raises:
            MienError: The name has another ending, or the file can't be written.
            MissingExtraError: matplotlib or Jinja2 is not installed.
        """
        file = as_path(path, "path")
        ending = file.suffix.lower()
        if ending not in WRITERS:
            raise MienError(f"{file}: a comparison is written as .html or .png; choose one of these endings")
        WRITERS[ending](self, file)
        return file


def compare_folders(paths: Sequence[Path]) -> RunComparison:
    """Return the comparison of the runs in some folders.

    Raises:
        RunError: There are fewer than two or too many, one is given twice, or one is damaged.
    """
    if not 2 <= len(paths) <= MOST_RUNS:
        raise RunError(f"runs to compare: {len(paths)}, expected 2 to {MOST_RUNS}")
    if len({path.resolve() for path in paths}) < len(paths):
        raise RunError("a run is given twice; give different runs to compare")
    runs = tuple(_opened(path, name) for path, name in zip(paths, short_names(paths), strict=True))
    return RunComparison(runs, _differing(runs), tuple(_notes(runs)))


def short_names(paths: Sequence[Path]) -> list[str]:
    """Return the names of folders, with as many folders above as needed to be unique."""
    parts = [path.resolve().parts for path in paths]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(one[-depth:]) for one in parts]
        if len(set(names)) == len(names):
            break
    return names


def _opened(path: Path, name: str) -> ComparedRun:
    info = read_info(path)
    summary = summarize_run(path, name)
    if not summary.values:
        raise RunError(f"{path}: {summary.problem}", path=path)
    return ComparedRun(name, summary, read_history(path), info)


def _differing(runs: Sequence[ComparedRun]) -> dict[str, tuple[Any, ...]]:
    found = dict.fromkeys(key for run in runs for key in dotted_keys(run.summary.values))
    sections = list(dict.fromkeys(key.partition(".")[0] for key in found))
    keys = sorted(found, key=lambda key: sections.index(key.partition(".")[0]))
    rows = {
        key: tuple(value_at(run.summary.values, key) for run in runs)
        for key in keys
        if key not in _DESCRIPTIVE
    }
    return {key: row for key, row in rows.items() if any(value != row[0] for value in row[1:])}


def _notes(runs: Sequence[ComparedRun]) -> list[str]:
    notes = []
    if len({run.info.source.fingerprint for run in runs}) > 1:
        notes.append("The runs were trained on different data sets: accuracies are not comparable.")
    elif len({_split(run) for run in runs}) > 1:
        notes.append("The runs hold out different validation faces, so small differences say nothing.")
    unfinished = [f"{run.name} ({run.summary.state})" for run in runs if run.summary.state != FINISHED]
    if unfinished:
        notes.append(f"Not finished: {', '.join(unfinished)}.")
    if len({run.summary.values["train"].get("monitor") for run in runs}) > 1:
        notes.append("The best epoch is chosen by accuracy in some runs and by loss in others.")
    notes.append(
        "Accuracy is that of the best validation epoch, which is chosen on these faces; its interval is for "
        "one run alone. mien compare RUN OTHER ranks them with paired tests on the same faces."
    )
    return notes


def _split(run: ComparedRun) -> tuple[Any, ...]:
    """Return what decides which faces are held out, if the data set has no validation split."""
    keys = ("data.holdout", "train.seed") if run.info.held_out else ()
    return tuple(value_at(run.summary.values, key) for key in keys)


def _write_page(comparison: RunComparison, path: Path) -> None:
    from mien.run_list.page import comparison_page

    write_text(path, comparison_page(comparison))


def _write_figure(comparison: RunComparison, path: Path) -> None:
    from mien.figures.encode import png

    write_bytes(path, png(comparison.plot()))


WRITERS: Final = {".html": _write_page, ".png": _write_figure}
"""What writes a comparison, by the ending of the file."""
