"""The runs that become one bundle: what they must share, and their networks joined."""

from collections.abc import Sequence

from mien.config.learning import Views
from mien.errors import RunError
from mien.export.graph import BundleGraph, Part
from mien.train.infer import read_network
from mien.train.run import Run


def require_alike(runs: Sequence[Run], *, tta: bool) -> None:
    """Refuse runs that can't be one bundle.

    Raises:
        RunError: They differ in classes, side, CLAHE, or with `tta` in views.
    """
    first = runs[0]
    for run in runs[1:]:
        for what, mine in _shared(first, tta=tta).items():
            if (other := _shared(run, tta=tta)[what]) != mine:
                raise RunError(
                    f"{first.path} and {run.path} differ in {what}: {mine} and {other}; "
                    "the runs of one bundle share it"
                )


def joined(runs: Sequence[Run], views: Views | None) -> BundleGraph:
    """Return the graph of the runs' best networks.

    Raises:
        RunError: A checkpoint is missing, damaged or of another network.
    """
    return BundleGraph([Part(read_network(run), run.recipe.prepare) for run in runs], views)


def _shared(run: Run, *, tta: bool) -> dict[str, str]:
    shared = {
        "classes": ", ".join(run.classes),
        "side": f"{run.info.side} pixels",
        "CLAHE": str(run.recipe.prepare.clahe or "none"),
    }
    return shared | {"views": str(run.recipe.views)} if tta else shared
