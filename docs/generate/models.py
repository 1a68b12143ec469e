"""The page of the shipped bundles, from the metadata in their files."""

from typing import Final

from generate.markdown import table
from mien.bundles.defaults import DEFAULT
from mien.bundles.description import describe_calibration, describe_input, describe_tta, size_of
from mien.bundles.reading import Bundle, read_bundle, shipped_names
from mien.evaluation.robustness.corruptions import describe_corruptions
from mien.evaluation.shifts.scenes import describe_views
from mien.percent import percent

INDEX: Final = """\
# Models

A bundle is one ONNX file: faces in, calibrated probabilities out, with classes, preprocessing, recipe,
metrics and license in its metadata. These bundles are installed with mien. `mien predict photo.jpg --bundle
{other}` and `mien.load("{other}")` select one; `{default}` is the default.

{models}

{scores}

On the validation split, the checkpoint was selected; each face's calibration was fitted on other faces.
`mien bundle info NAME` prints all the metadata, and [`mien export`](../reference/commands/export.md) writes
bundles of your own runs.
{shifts}"""

SHIFTS: Final = """
## Beyond the data set

{table}

Accuracy on faces of the validation split that each detector found again {views}, and on faces with
{corruptions}; the mean of the parts is the accuracy under
distribution shift ([how it is measured](../guides/evaluate.md#beyond-the-data-set)).
"""


def pages() -> dict[str, str]:
    """Return the page of the shipped bundles."""
    bundles = [read_bundle(name) for name in _names()]
    other = next((bundle.name for bundle in bundles if bundle.name != DEFAULT), DEFAULT)
    return {
        "models/index.md": INDEX.format(
            default=DEFAULT,
            other=other,
            models=_models(bundles),
            scores=_scores(bundles),
            shifts=_shifts(bundles),
        )
    }


def _shifts(bundles: list[Bundle]) -> str:
    """Return the section on accuracy under shift of the bundles that have it recorded; or ""."""
    recorded = [(bundle.name, bundle.metadata.shifts) for bundle in bundles if bundle.metadata.shifts]
    if not recorded:
        return ""
    parts = [part.name for part in recorded[0][1].parts]
    rows = [
        (
            f"`{name}`",
            f"{shifts.n:,}",
            percent(shifts.unchanged, 1),
            *(percent(part.accuracy, 1) for part in shifts.parts),
            percent(shifts.accuracy, 1),
            f"{percent(shifts.interval[0], 1)} to {percent(shifts.interval[1], 1)}",
        )
        for name, shifts in recorded
    ]
    headings = ("bundle", "faces", "unchanged", *parts, "mean", "95 % interval")
    return SHIFTS.format(
        table=table(headings, rows, right=range(1, len(headings))),
        views=describe_views(),
        corruptions=describe_corruptions(),
    )


def _names() -> list[str]:
    """Return the names of the shipped bundles, the default first."""
    return sorted(shipped_names(), key=lambda name: (name != DEFAULT, name))


def _models(bundles: list[Bundle]) -> str:
    headings = ("", *(f"[`{bundle.name}`]({bundle.name}.md)" for bundle in bundles))
    facts = {
        "file": [f"{size_of(bundle)}, {bundle.metadata.precision}" for bundle in bundles],
        "input": [describe_input(bundle.metadata) for bundle in bundles],
        "networks": [", ".join(_recipes(bundle)) for bundle in bundles],
        "parameters": [f"{sum(one.parameters for one in bundle.metadata.members):,}" for bundle in bundles],
        "test-time augmentation": [describe_tta(bundle.metadata.tta) for bundle in bundles],
        "calibration": [describe_calibration(bundle.metadata.calibration) for bundle in bundles],
        "confidence threshold": [f"{bundle.metadata.default_threshold:.2f}" for bundle in bundles],
        "license": [bundle.metadata.license for bundle in bundles],
        "created": [bundle.metadata.created[:10] for bundle in bundles],
    }
    return table(headings, ((name, *values) for name, values in facts.items()))


def _recipes(bundle: Bundle) -> list[str]:
    return [f"[`{one.recipe_name}`](../recipes/{one.recipe_name}.md)" for one in bundle.metadata.members]


def _scores(bundles: list[Bundle]) -> str:
    headings = ("bundle", "measured on", "faces", "accuracy", "95 % interval", "macro-F1", "log loss", "ECE")
    rows = [
        (
            f"`{bundle.name}`",
            scores.split,
            f"{scores.n:,}",
            percent(scores.accuracy, 1),
            f"{percent(scores.interval[0], 1)} to {percent(scores.interval[1], 1)}",
            f"{scores.macro_f1:.3f}",
            f"{scores.log_loss:.3f}",
            percent(scores.calibration_error, 1),
        )
        for bundle in bundles
        for scores in bundle.metadata.scores
    ]
    return table(headings, rows, right=range(2, len(headings)))
