import pytest

from mien.errors import RecipeError
from mien.training.parallel.plan import Plan, is_follower, planned
from mien.training.parallel.world import SINGLE, World

TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "none", "RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2",
}  # fmt: skip
SECOND = {"MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500", "NODE_RANK": "1"}


@pytest.mark.parametrize(
    ("devices", "nodes", "variables", "expected"),
    [
        (None, None, {}, Plan(SINGLE)),
        (1, 1, {"RANK": "7"}, Plan(SINGLE)),
        (4, None, {}, Plan(World(0, 4, 0, 4))),
        (2, 3, SECOND, Plan(World(2, 6, 0, 2), address="10.0.0.1", port=29500)),
        (None, None, TORCHRUN, Plan(World(3, 4, 1, 2), external=True)),
        (2, 2, TORCHRUN, Plan(World(3, 4, 1, 2), external=True)),
    ],
)
def test_which_processes_there_are(
    devices: int | None, nodes: int | None, variables: dict[str, str], expected: Plan
) -> None:
    assert planned(devices, nodes, variables) == expected


@pytest.mark.parametrize(
    ("devices", "nodes", "variables", "problem"),
    [
        (0, None, {}, "devices=0, expected 1 to"),
        (None, -1, {}, "nodes=-1, expected 1 to"),
        (4, None, TORCHRUN, "devices=4, nodes=1: torchrun started 4 processes, 2 on this machine"),
        (1, 2, {}, "nodes=2: the environment variable NODE_RANK is missing"),
        (1, 2, SECOND | {"NODE_RANK": "2"}, "NODE_RANK='2', expected 0 to 1"),
        (1, 2, SECOND | {"MASTER_PORT": "x"}, "MASTER_PORT='x', expected 1 to 65535"),
        (1, 2, SECOND | {"MASTER_ADDR": ""}, "MASTER_ADDR is missing"),
    ],
)
def test_impossible_numbers_are_refused(
    devices: int | None, nodes: int | None, variables: dict[str, str], problem: str
) -> None:
    with pytest.raises(RecipeError, match=problem.replace("(", r"\(")):
        planned(devices, nodes, variables)


@pytest.mark.parametrize(
    ("variables", "follows"),
    [({}, False), (TORCHRUN, True), (TORCHRUN | {"RANK": "0"}, False), (SECOND, True)],
)
def test_a_follower_knows_that_it_is_one(variables: dict[str, str], follows: bool) -> None:
    assert is_follower(variables) is follows
