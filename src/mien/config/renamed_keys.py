"""Keys of recipes of earlier versions, and their names now."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

RENAMED: Final = {
    "prepare": "preprocess",
    "prepare.clahe.clip": "preprocess.clahe.clip_limit",
    "prepare.per_face": "preprocess.per_image",
    "preprocess.clahe.clip": "preprocess.clahe.clip_limit",
    "preprocess.per_face": "preprocess.per_image",
    "augment.alternate": "augment.alternating_flip",
    "augment.border": "augment.padding_mode",
    "augment.resample": "augment.interpolation",
    "augment.erase": "augment.random_erasing",
    "augment.mix_chance": "augment.mix_prob",
    "network.family": "network.kind",
    "loss.smoothing": "loss.label_smoothing",
    "teacher": "distillation",
    "teacher.bundles": "distillation.teachers",
    "teacher.share": "distillation.alpha",
    "distillation.bundles": "distillation.teachers",
    "distillation.share": "distillation.alpha",
    "optimiser": "optimizer",
    "optimiser.rate": "optimizer.lr",
    "optimizer.rate": "optimizer.lr",
    "schedule.rise": "schedule.pct_start",
    "schedule.watch": "schedule.monitor",
    "schedule.least": "schedule.min_lr",
    "train.choose_on": "train.monitor_split",
    "train.choose_by": "train.monitor",
    "train.clip": "train.grad_clip_norm",
    "train.ema": "train.ema_decay",
    "train.sharpness": "train.sam",
    "train.sharpness.radius": "train.sam.rho",
    "train.sharpness.after": "train.sam.start",
    "train.sam.radius": "train.sam.rho",
    "train.sam.after": "train.sam.start",
    "train.tta": "train.report_tta",
    "train.early_stopping.watch": "train.early_stopping.monitor",
    "train.progressive.side": "train.progressive.size",
    "views": "tta",
    "views.soften": "tta.blur",
    "tta.soften": "tta.blur",
}
"""New path of each old path; positions in lists are left out."""


def renamed_keys(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return the old keys in a recipe with their new names, as dotted paths.

    A renamed section is left out if keys in it were renamed as well, which show its new name too.
    """
    found = {path: RENAMED[path] for path in _paths(tree) if path in RENAMED}
    return {old: new for old, new in found.items() if not any(key.startswith(f"{old}.") for key in found)}


def with_renamed_keys(tree: Any, above: str = "") -> Any:  # noqa: ANN401 - a YAML tree
    """Return a recipe of an earlier version with the names of this version."""
    if isinstance(tree, list):
        return [with_renamed_keys(item, above) for item in tree]
    if not isinstance(tree, Mapping):
        return tree
    paths = {key: f"{above}.{key}" if above else str(key) for key in tree}
    return {
        RENAMED.get(path, str(key)).rpartition(".")[2]: with_renamed_keys(tree[key], path)
        for key, path in paths.items()
    }


def _paths(tree: Any, above: str = "") -> Iterator[str]:  # noqa: ANN401 - a YAML tree
    if isinstance(tree, list):
        for item in tree:
            yield from _paths(item, above)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            path = f"{above}.{key}" if above else str(key)
            yield path
            yield from _paths(value, path)
