"""Which processes a training consists of, and which of them this one is.

The processes of one machine are started by the training itself; on several machines, the command is started
once on each. Under `torchrun` all processes exist already.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from mien.errors import RecipeError
from mien.text import counted
from mien.training.parallel.world import SINGLE, World

MAX_PROCESSES = 4096
"""More processes of a training are a mistake."""


@dataclass(frozen=True)
class Plan:
    """The processes of a training.

    Attributes:
        world: The processes, and which of them this one is.
        external: They were started by `torchrun`.
        address: Of the machine of rank 0.
        port: There; 0 is any.
    """

    world: World = SINGLE
    external: bool = False
    address: str = "127.0.0.1"
    port: int = 0


def is_external(variables: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process was started by `torchrun`, with others or alone."""
    return "TORCHELASTIC_RUN_ID" in variables and "WORLD_SIZE" in variables


def is_follower(variables: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process is another one than that of rank 0, as far as its environment says."""
    if is_external(variables):
        return variables.get("RANK", "0") != "0"
    return variables.get("NODE_RANK", "0") != "0"


def planned(
    devices: int | None = None, nodes: int | None = None, variables: Mapping[str, str] = os.environ
) -> Plan:
    """Return the plan of a training.

    Args:
        devices: Number of devices on each machine; 1 by default, or as many as `torchrun` started.
        nodes: Number of machines, likewise.
        variables: Environment variables: those of `torchrun`, or MASTER_ADDR, MASTER_PORT and NODE_RANK.

    Raises:
        RecipeError: The numbers are invalid, contradict `torchrun`, or a variable is missing or invalid.
    """
    for name, value in (("devices", devices), ("nodes", nodes)):
        if value is not None and not 1 <= value <= MAX_PROCESSES:
            raise RecipeError(f"{name}={value}, expected 1 to {MAX_PROCESSES}")
    if is_external(variables):
        return _external(devices, nodes, variables)
    local, machines = devices or 1, nodes or 1
    if machines == 1:
        return Plan(World(0, local, 0, local))
    node = _number("NODE_RANK", variables, machines, range(machines))
    port = _number("MASTER_PORT", variables, machines, range(1, 65536))
    address = variables.get("MASTER_ADDR") or _missing("MASTER_ADDR", machines)
    return Plan(World(node * local, local * machines, 0, local), address=address, port=port)


def _external(devices: int | None, nodes: int | None, variables: Mapping[str, str]) -> Plan:
    rank, size, local_rank, local = (
        int(variables.get(name, default))
        for name, default in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0), ("LOCAL_WORLD_SIZE", 1))
    )
    if size % local or (devices or local) != local or (nodes or size // local) != size // local:
        raise RecipeError(
            f"devices={devices or 1}, nodes={nodes or 1}: torchrun started "
            f"{counted(size, 'process', 'processes')}, "
            f"{local} on this machine; leave devices and nodes out, and start equally many processes on "
            "each machine"
        )
    return Plan(World(rank, size, local_rank, local), external=True)


def _number(name: str, variables: Mapping[str, str], nodes: int, expected: range) -> int:
    value = variables.get(name) or _missing(name, nodes)
    if not value.isdecimal() or int(value) not in expected:
        raise RecipeError(f"{name}={value!r}, expected {expected.start} to {expected.stop - 1}")
    return int(value)


def _missing(name: str, nodes: int) -> str:
    raise RecipeError(
        f"nodes={nodes}: the environment variable {name} is missing; set MASTER_ADDR and MASTER_PORT to "
        f"address and port of the first machine, and NODE_RANK to 0 there and to 1 to {nodes - 1} on the "
        "others, or start the processes with torchrun"
    )
