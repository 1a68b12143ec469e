"""Checks of the recipe, the faces and the devices of a training, before a folder is created."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from mien.config.recipe import Recipe
from mien.errors import DataError, RecipeError, RunError
from mien.faceset import FaceSet
from mien.text import counted
from mien.training.parallel.world import World
from mien.training.run_folder.environment import devices_of
from mien.training.run_folder.run import RunFolder


def require_fitting_faces(faces: FaceSet, recipe: Recipe) -> None:
    """Check that the faces have the size and channels of the recipe, and several classes.

    Raises:
        DataError: They have not.
    """
    labeled = [name for name, count in zip(faces.classes, faces.counts(), strict=True) if count]
    if len(labeled) == 1:
        only = f"{faces.source}: all faces are of the class {labeled[0]!r}"
        raise DataError(f"{only}; expected 2 classes or more, such as a folder for each class")
    if (faces.size, faces.channels) != (recipe.data.size, recipe.data.channels):
        found = f"faces of {faces.size} pixels with {counted(faces.channels, 'channel')}"
        wanted = f"data.size={recipe.data.size} and data.channels={recipe.data.channels}"
        raise DataError(f"{faces.source}: {found}, but {wanted}; change the recipe")


def require_batch_for(world: World, recipe: Recipe) -> None:
    """Check that each process gets two faces of a batch or more, as BatchNorm needs.

    Raises:
        RecipeError: The batch is too small.
    """
    if world.size > 1 and recipe.train.batch_size < 2 * world.size:
        raise RecipeError(
            f"train.batch_size={recipe.train.batch_size}: the batch of all {world.size} devices together; "
            f"expected {2 * world.size} or more"
        )


def require_accepted_sizes(recipe: Recipe, size: int) -> None:
    """Check that the network accepts the smaller faces of progressive resizing.

    Args:
        recipe: Its network and `train.progressive` are checked.
        size: Height and width of the full-size faces in pixels.

    Raises:
        RecipeError: One is too small for the network, or not smaller than the faces.
    """
    sizes = [part.size for part in recipe.train.progressive]
    if max(sizes, default=0) >= size:
        raise RecipeError(
            f"train.progressive: size {max(sizes)} is not smaller than that of the faces, {size}; "
            f"expected less than {size}"
        )
    smallest = recipe.network.smallest_size(size)
    if min(sizes, default=size) < smallest:
        raise RecipeError(
            f"train.progressive: a network of kind {recipe.network.kind} as in this recipe doesn't accept "
            f"faces of size {min(sizes)}, the smallest is {smallest}; use larger sizes, another network.kind "
            "(resnet9 and resnetv2 accept several sizes), or remove train.progressive"
        )


def require_same_devices(run: RunFolder, network: nn.Module, world: World) -> None:
    """Check that another number of devices doesn't change the training of a run that has begun.

    Raises:
        RunError: It would: each device has BatchNorm statistics of its own.
    """
    begun = devices_of(run.info.environment)
    has_norm = any(isinstance(module, _BatchNorm) for module in network.modules())
    if world.size == begun or run.recipe.train.sync_batchnorm or not has_norm or not run.has_checkpoint:
        return
    raise RunError(
        f"{run.path}: trained on {begun} devices with statistics of BatchNorm on each, which differ on "
        f"{world.size}; resume it with {begun} devices, or train a new run with train.sync_batchnorm=true",
        path=run.path,
        expected=str(begun),
    )
