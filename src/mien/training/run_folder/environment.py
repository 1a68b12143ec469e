"""The environment of a training, and what differs in it when the training is resumed."""

import platform
from collections.abc import Mapping
from typing import Any, Final

import mien

_REPRODUCIBLE: Final = ("device", "devices", "precision", "threads", "processor", "torch")
"""What must be equal for equal weights."""


def environment_of(device: str, precision: str, devices: int = 1, nodes: int = 1) -> dict[str, Any]:
    """Return versions, machine, device and number of threads of this process.

    Args:
        device: Device of the training.
        precision: Precision of the training on that device.
        devices: Number of devices of the training.
        nodes: Number of machines that have them.
    """
    import numpy as np
    import torch

    return {
        "mien": mien.__version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "platform": platform.platform(),
        "processor": torch.cpu.get_capabilities().get("cpu_name") or platform.processor(),
        "threads": torch.get_num_threads(),
        "device": device,
        "devices": devices,
        "nodes": nodes,
        "precision": precision,
    }


def environment_notice(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return a line about what differs from the environment in which a run was begun, or "".

    Args:
        before: The environment that the run recorded.
        now: That of this process.
    """
    before, now = ({**one, "devices": devices_of(one)} for one in (before, now))
    differing = [
        f"{key} {now[key]} instead of {before[key]}"
        for key in _REPRODUCIBLE
        if key in before and before[key] != now[key]
    ]
    if not differing:
        return ""
    return (
        f"resumed with {', '.join(differing)}: the result may differ slightly from that of a training "
        "without interruption"
    )


def devices_of(environment: Mapping[str, Any]) -> int:
    """Return the number of devices of all machines; runs of earlier versions, without it, have one."""
    return int(environment.get("devices", 1) * environment.get("nodes", 1))
