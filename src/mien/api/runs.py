"""Lists and comparisons of runs: `mien.runs` and `mien.compare_runs`."""

from pathlib import Path

from mien.api.training import RUNS
from mien.arguments import PATH, checked
from mien.errors import RunError
from mien.files.writing import as_path
from mien.run_list.comparison import RunComparison, compare_folders
from mien.run_list.run_list import RunList
from mien.run_list.search import find_runs
from mien.run_list.summary import summarize_run
from mien.training.run_folder.run import RunFolder


@checked(RunError, folder=PATH)
def runs(folder: str | Path = RUNS) -> RunList:
    """Return the runs in a folder and below it, the newest first.

    It reads the small files of each run, not the data set and not the weights. A damaged run is part of the
    list, with what is wrong.

    Args:
        folder: Where to search; it may be a run itself.

    Raises:
        RunError: There is no such folder.

    Examples:
        >>> best = mien.runs("runs").where("state=finished").sort("accuracy")[0]  # doctest: +SKIP
        >>> best.name, best.recipe, best.accuracy, best.changes  # doctest: +SKIP
        ('fast-2', 'fast', 0.694, {'train.seed': 1})
    """
    place = as_path(folder, "folder", RunError)
    found = find_runs(place)
    summaries = (summarize_run(path, _name(path, place)) for path in found)
    return RunList(tuple(summaries)).sort("created")


@checked(RunError)
def compare_runs(*runs: str | Path | RunFolder) -> RunComparison:
    """Return two runs or more side by side: curves, and the values of their recipes that differ.

    Args:
        runs: Runs or their folders.

    Raises:
        RunError: One is no run, is damaged, or is given twice; or there are too few or too many.
    """
    return compare_folders(
        [run.path if isinstance(run, RunFolder) else as_path(run, "run", RunError) for run in runs]
    )


def _name(path: Path, place: Path) -> str:
    return path.resolve().name if path == place else str(path.relative_to(place))
