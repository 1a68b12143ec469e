from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from mien.config import Recipe
from mien.data import read_faces
from mien.models import build_network
from mien.training.batches import training_faces
from mien.training.callbacks import Callback, CallbackList, TrainingStatus
from mien.training.devices import make_fabric
from mien.training.learner import Learner
from mien.training.loop import DivergedError, TrainingContext, fit, has_collapsed, is_finished
from mien.training.run_folder.state import Epoch, State
from training_builders import DRAWN, tiny_recipe


def row(epoch: int, accuracy: float, loss: float = 1.0) -> Epoch:
    return Epoch(epoch, 0.1, 1.0, 0.5, loss, accuracy, 1.0, 10.0)


def history(*accuracies: float) -> State:
    return State(history=[row(number, accuracy) for number, accuracy in enumerate(accuracies, start=1)])


@pytest.mark.parametrize(
    ("accuracies", "collapsed"),
    [
        ((), False),
        ((0.6, 0.2), False),
        ((0.6, 0.2, 0.2), True),
        ((0.6, 0.2, 0.31), False),
        ((0.2, 0.05, 0.05), False),
        ((0.3, 0.6, 0.29, 0.1), True),
    ],
)
def test_a_collapse_is_two_epochs_below_half_of_a_good_best(
    accuracies: tuple[float, ...], collapsed: bool
) -> None:
    assert has_collapsed(history(*accuracies), classes=7) is collapsed


@pytest.mark.parametrize(
    ("overrides", "state", "finished"),
    [
        (["train.epochs=3"], history(0.1, 0.2), False),
        (["train.epochs=3"], history(0.1, 0.2, 0.3), True),
        (
            ["train.early_stopping={monitor: accuracy, patience: 2}", "train.epochs=9"],
            history(0.5, 0.4),
            False,
        ),
        (
            ["train.early_stopping={monitor: accuracy, patience: 2}", "train.epochs=9"],
            history(0.5, 0.4, 0.5),
            True,
        ),
        (["train.early_stopping={monitor: accuracy, patience: 2}", "train.epochs=9"], State(), False),
        (
            ["train.early_stopping={monitor: loss, patience: 2}", "train.epochs=9"],
            State(history=[row(1, 0.5, 2.0), row(2, 0.4, 1.9), row(3, 0.4, 1.8)]),
            False,
        ),
    ],
)
def test_when_a_training_ends(overrides: list[str], state: State, finished: bool) -> None:
    assert is_finished(state, tiny_recipe(*overrides)) is finished


class Kept(list[tuple[int, bool]]):
    def __call__(self, state: State, best: bool) -> None:
        self.append((state.epoch, best))


def context(
    recipe: Recipe, validation: torch.Tensor | None = None, *callbacks: Callback
) -> tuple[Learner, TrainingContext]:
    faces = training_faces(read_faces(DRAWN), recipe, torch.device("cpu"))
    torch.manual_seed(0)
    fabric = make_fabric(torch.device("cpu"), "float32")
    learner = Learner(build_network(recipe.network, 7), recipe, faces.weights, fabric)

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        yield torch.zeros(7, 1, 48, 48) if validation is None else validation, torch.arange(7)

    return learner, TrainingContext(
        recipe, faces, batches, TrainingStatus(Path("run"), recipe), CallbackList(callbacks)
    )


def test_every_epoch_is_kept_and_recorded() -> None:
    kept, state = Kept(), State()
    fit(*context(tiny_recipe("schedule={kind: step, every: 1, factor: 0.5}")), state, kept)
    assert [epoch for epoch, _ in kept] == [1, 2]
    assert kept[0][1] is True
    assert [row.epoch for row in state.history] == [1, 2]
    assert [row.lr for row in state.history] == pytest.approx([0.01, 0.005])
    assert all(row.faces_per_second > 0 and row.train_loss > 0 for row in state.history)


def test_a_recovery_scales_every_rate() -> None:
    state = State(lr_scale=0.1)
    fit(*context(tiny_recipe("train.epochs=1")), state, Kept())
    assert state.history[0].lr == pytest.approx(0.001)


def test_a_plateau_lowers_the_rate_of_the_next_epoch() -> None:
    recipe = tiny_recipe(
        "schedule={kind: plateau, monitor: accuracy, factor: 0.5, patience: 0}", "train.epochs=3"
    )
    state = State()
    fit(*context(recipe), state, Kept())
    accuracies = [row.validation_accuracy for row in state.history]
    assert accuracies == pytest.approx([1 / 7] * 3), "seven equal faces: always right about one of them"
    assert [row.lr for row in state.history] == pytest.approx([0.01, 0.01, 0.005])


def test_a_loss_that_is_not_finite_ends_the_epoch() -> None:
    recipe = tiny_recipe("optimizer={kind: sgd, lr: 1000, weight_decay: 1000}")
    kept = Kept()
    with pytest.raises(DivergedError, match="epoch 1"):
        fit(*context(recipe), State(), kept)
    assert kept == []


def test_a_validation_that_is_not_finite_diverges_too() -> None:
    with pytest.raises(DivergedError):
        fit(*context(tiny_recipe(), torch.full((7, 1, 48, 48), torch.nan)), State(), Kept())


def test_a_collapsed_state_is_not_trained_on() -> None:
    state = history(0.6, 0.1, 0.1)
    with pytest.raises(DivergedError, match="collapsed after epoch 3"):
        fit(*context(tiny_recipe("train.epochs=9")), state, Kept())


@pytest.mark.parametrize(
    ("sam", "rhos"),
    [
        ("null", [0, 0, 0, 0]),
        ("{rho: 0.1, start: 0}", [0.1] * 4),
        ("{rho: 0.1, start: 0.6}", [0, 0, 0.1, 0.1]),
        ("{rho: 0.1, start: 0.99}", [0, 0, 0, 0.1]),
    ],
)
def test_the_gradient_is_taken_further_away_after_a_share_of_the_epochs(
    sam: str, rhos: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    learner, fitting = context(tiny_recipe(f"train.sam={sam}", "train.epochs=4"))
    found, step = [], learner.step

    def recorded(*batch: object, rho: float, weight: float) -> tuple[torch.Tensor, torch.Tensor]:
        found.append(rho)
        return step(*batch, rho=rho, weight=weight)

    monkeypatch.setattr(learner, "step", recorded)
    fit(learner, fitting, State(), Kept())
    steps = len(found) // 4
    assert found == [rho for rho in rhos for _ in range(steps)]
