"""Weights & Biases: offline by default, so that nothing is sent before `wandb sync`."""

import io
import os
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any, ClassVar, Final

from mien.errors import MienError
from mien.tracking.base import FAILED, Tracker
from mien.tracking.content import Content
from mien.tracking.memory import Memory
from mien.training.run_folder.recipe import RECIPE_FILE

PROJECT: Final = "mien"
"""Project of the runs, unless a place or WANDB_PROJECT names one."""

MODES: Final = ("offline", "online")

_ENVIRONMENT: Final = {"WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}
"""Set before W&B is imported, unless the user did: its errors are not reported to its maker."""

_SETTINGS: Final = {
    "console": "off",
    "disable_git": True,
    "disable_code": True,
    "save_code": False,
    "silent": True,
    "x_disable_stats": True,
    "x_disable_meta": True,
    "init_timeout": 30,
}
"""No output, code, repository or machine is recorded: mien records what belongs to a run."""


class WandB(Tracker):
    """Sends a training to Weights & Biases: configuration, metrics, images and artifacts.

    Its files are in the folder `wandb` of the run folder; `wandb sync RUN/wandb/offline-run-*` uploads them
    later. A training that is resumed has several such folders with the same id.

    Args:
        place: The project, or ENTITY/PROJECT; by default the environment variable WANDB_PROJECT, or "mien".
        figures: As `Tracker`, like `checkpoint` and `bundle`.
        checkpoint: As `Tracker`.
        bundle: As `Tracker`.
        mode: "offline" or "online"; by default the environment variable WANDB_MODE, or "offline".
    """

    name: ClassVar[str] = "wandb"
    package: ClassVar[str] = "wandb"
    buffers: ClassVar[bool] = True

    def __init__(
        self,
        place: str | Path | None = None,
        *,
        figures: bool = True,
        checkpoint: bool = True,
        bundle: bool = True,
        mode: str | None = None,
    ) -> None:
        super().__init__(place, figures=figures, checkpoint=checkpoint, bundle=bundle)
        if mode is not None and mode not in MODES:
            raise MienError(f"mode={mode!r}, expected one of {', '.join(MODES)}")
        self._mode = mode
        self._run: Any = None
        self._name = self._synced = ""

    @property
    def view(self) -> str:
        """See `Tracker`."""
        return f"wandb sync {quote(self._synced)}/offline-run-*" if self._synced else ""

    def open(self, content: Content, memory: Memory | None) -> Memory:
        """See `Tracker`."""
        wandb = _imported()
        place = memory.place if memory else self.place or os.environ.get("WANDB_PROJECT") or PROJECT
        entity, _, project = place.rpartition("/")
        self._name = content.name
        self._run = wandb.init(
            entity=entity or None, project=project, name=content.name, dir=str(content.path),
            mode=self._mode or os.environ.get("WANDB_MODE") or MODES[0], id=memory.id if memory else None,
            resume="allow", reinit="create_new", settings=wandb.Settings(**_SETTINGS),
        )  # fmt: skip
        self._synced = str(Path(self._run.dir).parent.parent) if self._run.offline else ""
        self._run.define_metric("epoch")
        self._run.define_metric("*", step_metric="epoch")
        return Memory(place, self._run.id, memory.epochs if memory else 0)

    def log_recipe(self, content: Content, *, known: bool) -> None:
        """See `Tracker`."""
        self._run.config.update({**content.parameters, "run": dict(content.facts)}, allow_val_change=True)
        if not known:
            self.log_file(content.path / RECIPE_FILE, RECIPE_FILE)

    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        """See `Tracker`."""
        self._run.log({"epoch": epoch, **metrics})

    def log_image(self, name: str, png: bytes, epoch: int) -> None:
        """See `Tracker`."""
        from PIL import Image

        image = _imported().Image(Image.open(io.BytesIO(png)).convert("RGB"))
        self._run.log({"epoch": epoch, name: image})

    def log_file(self, path: Path, name: str) -> None:
        """See `Tracker`."""
        if path.suffix == ".onnx":
            self._artifact("bundle", "model", {path.name: path})
        elif path.suffix == ".safetensors":
            self._artifact("checkpoint", "model", {path.name: path})
        else:
            self._artifact(Path(name).stem, "record", {path.name: path})

    def close(self, outcome: str) -> None:
        """See `Tracker`."""
        if self._run is not None:
            self._run.finish(exit_code=1 if outcome == FAILED else 0)
            self._run = None

    def _artifact(self, what: str, kind: str, files: Mapping[str, Path]) -> None:
        """Send files as an artifact, a new version of which replaces that of an earlier end."""
        artifact = _imported().Artifact(_allowed(f"{self._name}-{what}"), type=kind)
        for name, path in files.items():
            artifact.add_file(str(path), name=name)
        self._run.log_artifact(artifact)


def _imported() -> Any:  # noqa: ANN401 - the module of W&B, which is optional
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import wandb

    return wandb


def _allowed(name: str) -> str:
    """Return the name of an artifact with the characters that W&B allows."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "_" for sign in name)[
        -128:
    ]
