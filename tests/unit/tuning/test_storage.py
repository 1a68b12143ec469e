from pathlib import Path

import pytest

from late import Late
from mien.errors import RunError
from mien.tuning.space_file import read_space
from mien.tuning.storage import distributions_of, open_storage, pruner_of, quiet, rungs, sampler_of
from tuning_builders import SPACE, study_info, tiny_study

optuna = Late("optuna")


def test_distributions() -> None:
    tree = {**SPACE, "train.epochs": {"low": 2, "high": 8, "step": 2}, "loss": [{"kind": "focal"}, None]}
    found = distributions_of(read_space(tree))
    assert found == {
        "optimizer.lr": optuna.distributions.FloatDistribution(0.001, 0.1, log=True),
        "augment.rotate": optuna.distributions.FloatDistribution(0.0, 20.0),
        "train.batch_size": optuna.distributions.CategoricalDistribution((16, 32, 64)),
        "train.epochs": optuna.distributions.IntDistribution(2, 8, step=2),
        "loss": optuna.distributions.CategoricalDistribution(('{"kind": "focal"}', None)),
    }


@pytest.mark.parametrize(
    ("epochs", "expected"), [(1, []), (2, [1]), (4, [1, 3]), (24, [3, 9]), (30, [4, 12])]
)
def test_rungs_are_at_a_ninth_and_a_third(epochs: int, expected: list[int]) -> None:
    assert rungs(epochs) == expected


def test_proposals_follow_from_seed_and_number() -> None:
    space = distributions_of(read_space(SPACE))

    def proposal(number: int, **changes: object) -> dict[str, object]:
        study = optuna.create_study(sampler=sampler_of(study_info(**changes), number))
        return study.ask(space).params

    with quiet():
        assert proposal(1) == proposal(1)
        assert proposal(1) != proposal(2)
        assert proposal(1) != proposal(1, seed=1)


def test_pruning_can_be_off() -> None:
    assert isinstance(pruner_of(study_info(pruning=False)), optuna.pruners.NopPruner)
    assert isinstance(pruner_of(study_info()), optuna.pruners.SuccessiveHalvingPruner)


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study", [])
    (study.path / "journal.jsonl").write_text("")
    with pytest.raises(RunError, match=r"journal.jsonl: it has no study"):
        open_storage(study.path, study.info)
    (study.path / "journal.jsonl").unlink()
    with pytest.raises(RunError, match=r"journal.jsonl: missing, so the trials are lost"):
        open_storage(study.path, study.info)


def test_the_verbosity_of_optuna_is_restored() -> None:
    before = optuna.logging.get_verbosity()
    with quiet():
        assert optuna.logging.get_verbosity() == optuna.logging.ERROR
    assert optuna.logging.get_verbosity() == before
