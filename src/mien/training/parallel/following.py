"""What the processes without the run folder do: the same epochs, from the state that rank 0 sends.

Rank 0 reads and writes the run, reports, and decides; the others get recipe, state and weights from it
whenever a training starts or returns to an earlier epoch.
"""

import json
from pathlib import Path
from typing import Any

import torch

from mien.config.load import recipe_from
from mien.errors import RunError
from mien.faceset import FaceSet
from mien.training.denormals import flushed_denormals
from mien.training.learner import Learner
from mien.training.loop import DivergedError, TrainingContext, fit
from mien.training.parallel.world import World
from mien.training.run_folder.state import State


def require_same_faces(world: World, faces: FaceSet) -> None:
    """Check that all processes have the same faces and versions.

    Raises:
        RunError: They differ.
    """
    if world.size == 1:
        return
    import mien

    own = {"mien": mien.__version__, "torch": str(torch.__version__), "data set": faces.fingerprint}
    parts = [json.loads(text) for text in world.texts(json.dumps(own))]
    for rank, found in enumerate(parts):
        for what, value in parts[0].items():
            if found[what] != value:
                raise RunError(
                    f"process {rank} of the training has {what} {found[what]}, and process 0 has {value}; "
                    "give all machines the same"
                )


def send_start(world: World, recipe: dict[str, Any], path: Path) -> None:
    """Send the recipe and the path of the run to the others."""
    world.text(json.dumps({"recipe": recipe, "path": str(path.resolve())}))


def send_state(world: World, learner: Learner, state: State) -> None:
    """Send state and weights of a training to the others, who continue from there."""
    if world.size > 1:
        world.text(json.dumps(state.to_json()))
        world.tensors(learner.tensors())


def follow(world: World, faces: FaceSet, device: str) -> Path:
    """Train as rank 0 does until it ends, and return the path of its run.

    Args:
        world: The processes, of which this one isn't that of rank 0.
        faces: The same faces as it has.
        device: Name of the kind of device, or "auto".

    Raises:
        RunError: The faces differ, or rank 0 ended with an error.
    """
    from mien.training.setup import follower

    require_same_faces(world, faces)
    start = json.loads(world.text())
    learner, context = follower(recipe_from(start["recipe"]), faces, device, world)
    with flushed_denormals():
        while not _followed(world, learner, context):
            pass
    return Path(start["path"])


def _followed(world: World, learner: Learner, context: TrainingContext) -> bool:
    """Train from the next state that rank 0 sends; return whether that was the last."""
    state = State.from_json(json.loads(world.text()))
    learner.load(world.tensors({}))
    try:
        fit(learner, context, state, lambda _state, _best: None)
    except DivergedError:
        return False  # rank 0 returns to its best epoch
    return True
