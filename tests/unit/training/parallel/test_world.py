from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from mien.training.parallel.world import SINGLE, World
from rank_builders import on_ranks

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("count", [4, 7, 12])
def test_the_parts_of_all_ranks_are_the_batch(size: int, count: int) -> None:
    rows = torch.arange(count)
    parts = [World(rank, size).part(rows) for rank in range(size)]
    assert sorted(torch.cat(parts).tolist()) == rows.tolist()
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_the_first_halves_of_the_parts_are_the_first_half_of_the_batch() -> None:
    parts = [World(rank, 2).part(torch.arange(8)) for rank in range(2)]
    assert sorted(torch.cat([part[:2] for part in parts]).tolist()) == [0, 1, 2, 3]


def _spoken(world: World) -> dict[str, Any]:
    module = nn.Linear(2, 1)
    nn.init.constant_(module.weight, world.rank)
    world.share_state(module)
    mine = {"a": torch.full((2, 1), 3.0), "b": torch.tensor(7)} if world.rank == 0 else {}
    return {
        "sums": [float(value) for value in world.sums(torch.tensor(world.rank + 1.5), torch.tensor(2))],
        "any": [world.any(world.rank == 1), world.any(False)],
        "text": world.text(f"from {world.rank} ünd"),
        "texts": world.texts("x" * world.rank),
        "tensors": {name: value.tolist() for name, value in world.tensors(mine).items()},
        "weight": module.weight.detach().sum().item(),
    }


def test_ranks_communicate(tmp_path: Path) -> None:
    expected = {
        "sums": [4.0, 4.0],
        "any": [True, False],
        "text": "from 0 ünd",
        "texts": ["", "x"],
        "tensors": {"a": [[3.0], [3.0]], "b": 7},
        "weight": 0.0,
    }
    assert on_ranks(_spoken, tmp_path) == [expected, expected]


def test_a_single_process_gets_what_it_passes() -> None:
    rows, value = torch.arange(3), torch.tensor(2.0)
    assert SINGLE.part(rows) is rows
    assert SINGLE.sums(value) == (value,)
    assert (SINGLE.any(True), SINGLE.any(False), SINGLE.text("a"), SINGLE.texts("a")) == (
        True,
        False,
        "a",
        ["a"],
    )
    assert SINGLE.tensors({"a": value}) == {"a": value}
