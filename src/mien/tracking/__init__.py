"""Trackers: callbacks that send a training to TensorBoard, MLflow or Weights & Biases.

A new tracker is one file with a subclass of `mien.tracking.base.Tracker` and one line in `TRACKERS`; an
installed package adds one by an entry point of the group `mien.trackers`.
"""

from typing import TYPE_CHECKING, Final

from mien.lazy import lazy_names
from mien.registry import Registry

if TYPE_CHECKING:
    from mien.tracking.base import Tracker
    from mien.tracking.mlflow import MLflow
    from mien.tracking.opening import open_trackers, trackers_of
    from mien.tracking.tensorboard import TensorBoard
    from mien.tracking.wandb import WandB

__all__ = ["TRACKERS", "MLflow", "TensorBoard", "Tracker", "WandB", "open_trackers", "trackers_of"]

TRACKERS: "Final[Registry[type[Tracker]]]" = Registry(
    "mien.trackers",
    {
        "tensorboard": "mien.tracking.tensorboard:TensorBoard",
        "mlflow": "mien.tracking.mlflow:MLflow",
        "wandb": "mien.tracking.wandb:WandB",
    },
    noun="tracker",
)
"""Classes of trackers by name."""

_HOMES: Final = {
    "MLflow": "mien.tracking.mlflow",
    "TensorBoard": "mien.tracking.tensorboard",
    "Tracker": "mien.tracking.base",
    "WandB": "mien.tracking.wandb",
    "open_trackers": "mien.tracking.opening",
    "trackers_of": "mien.tracking.opening",
}

__getattr__ = lazy_names(__name__, _HOMES)
