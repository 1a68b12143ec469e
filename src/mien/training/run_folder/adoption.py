"""Runs of versions without digests become protected when their training is resumed."""

import uuid

from mien.errors import RunError
from mien.files.writing import write_text
from mien.training.run_folder.checkpoint_header import read_metadata
from mien.training.run_folder.info import RUN_FILE, write_info
from mien.training.run_folder.recipe import RECIPE_FILE, recipe_text
from mien.training.run_folder.run import RunFolder


def adopt(run: RunFolder) -> None:
    """Give a run of an earlier version an id, digests, and the keys of this version; others are unchanged.

    The caller holds the lock of the run.

    Raises:
        RunError: Its recipe is missing or damaged, or it isn't of an earlier version but was edited.
        MienError: Its files can't be written.
    """
    if run.info.id:
        return
    for path in sorted(run.checkpoints.glob("*.safetensors")):
        if "run" in read_metadata(path):
            raise RunError(
                f"{path}: names its run, but the id and the digests of {RUN_FILE} were removed; restore "
                f"{RUN_FILE}, or train a new run",
                path=path,
            )
    update = {"id": uuid.uuid4().hex, "recipe": run.recipe_tree, "adopted": True}
    info = run.info.model_copy(update=update)
    # First: with the keys of this version it is the same recipe, if the process is killed in between.
    write_text(run.path / RECIPE_FILE, recipe_text(run.recipe_tree), parents=False)
    write_info(run.path, info)
    run.info = info
