"""Builders for tests of tuning: a study whose trials are recorded without training."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from late import Late
from mien.api.study import Study
from mien.training.run_folder.info import Source
from mien.tuning.storage import distributions_of, open_storage
from mien.tuning.study import open_or_create
from mien.tuning.study_file import StudyInfo
from mien.tuning.trials import BASELINE, SECONDS
from training_builders import tiny_recipe

optuna_trial = Late("optuna.trial")

SPACE: Mapping[str, Any] = {
    "optimizer.lr": {"low": 0.001, "high": 0.1, "log": True},
    "augment.rotate": {"low": 0.0, "high": 20.0},
    "train.batch_size": [16, 32, 64],
}
"""Holds the values of the tiny recipe."""

CURVES: Sequence[Sequence[float]] = ((0.3, 0.4, 0.5), (0.2,), (0.35, 0.5, 0.6), (0.25,))
"""Accuracy by epoch of the trials; those with fewer epochs were pruned."""


def study_info(**changes: Any) -> StudyInfo:
    """Return the record of a study of the tiny recipe on synthetic faces."""
    recipe = tiny_recipe("data.validation=holdout", "train.epochs=3").model_dump(mode="json")
    fields = {"recipe_name": "tiny", "recipe": recipe, "space": dict(SPACE),
              "source": Source(path="synthetic:200", fingerprint="f")}  # fmt: skip
    return StudyInfo(**fields | changes)


def tiny_study(path: Path, curves: Sequence[Sequence[float]] = CURVES) -> Study:
    """Return a study with a trial for each curve; nothing is trained."""
    study = Study(open_or_create(path, study_info()).path)
    storage = open_storage(study.path, study.info)
    distributions = distributions_of(study.info.parameters)
    for number, curve in enumerate(curves):
        if number == 0:
            own = study.info.parameters.values_of(study.base)
            storage.enqueue_trial(own or {}, user_attrs={BASELINE: True})
        trial = storage.ask(distributions)
        for step, accuracy in enumerate(curve, start=1):
            trial.report(accuracy, step)
        trial.set_user_attr(SECONDS, 2.0 * len(curve))
        if len(curve) == study.base.train.epochs:
            storage.tell(trial, max(curve))
        else:
            storage.tell(trial, state=optuna_trial.TrialState.PRUNED)
    return study
