import json

import pytest

from mien.training.run_folder.state import Epoch, State


def row(epoch: int, loss: float, accuracy: float) -> Epoch:
    return Epoch(epoch, 0.1, 1.0, 0.5, loss, accuracy, 1.0, 10.0)


HISTORY = [row(1, 1.5, 0.4), row(2, 1.2, 0.6), row(3, 1.3, 0.6), row(4, 1.1, 0.5)]


@pytest.mark.parametrize(("monitor", "epoch"), [("loss", 4), ("accuracy", 2)])
def test_best_is_the_first_of_the_best(monitor: str, epoch: int) -> None:
    best = State(history=list(HISTORY)).best(monitor)
    assert best is not None
    assert best.epoch == epoch


def test_a_new_training_has_no_best() -> None:
    assert State().best("loss") is None
    assert State().epoch == 0


@pytest.mark.parametrize("schedule", [{}, {"best": 1.25, "waited": 3, "factor": 0.01}])
def test_json_keeps_everything(schedule: dict[str, float]) -> None:
    state = State(2, 0.09, schedule, list(HISTORY))
    assert State.from_json(json.loads(json.dumps(state.to_json(), allow_nan=False))) == state
