"""What a training starts from: the weights of a run, a bundle, ImageNet, or a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from torch import Tensor, nn

from mien.bundles.reading import is_bundle, read_bundle, shipped_names
from mien.config.base import Part
from mien.config.parts import NETWORKS
from mien.config.recipe import MEASURED, Recipe
from mien.errors import RecipeError, RunError
from mien.files.identify import WEIGHTS, require_kind
from mien.files.writing import as_path
from mien.models.base import NetworkConfig
from mien.models.bundle_weights import bundle_weights
from mien.models.pretrained import read_tensors
from mien.models.transfer import TrainedWeights, transfer
from mien.training.inference import read_network
from mien.training.run_folder.info import RUN_FILE
from mien.training.run_folder.run import RunFolder
from mien.training.soft_targets.distillation import division

IMAGENET: Final = "imagenet"
"""Name of the ImageNet weights that a package has for some networks."""

ADOPTED_DATA: Final = ("size", "channels")
"""Keys of `data` that weights are for."""


@dataclass(frozen=True)
class Start:
    """Pretrained weights, before the network that gets them exists.

    Attributes:
        name: As `run.json` records it: a path, the name of a shipped bundle, or "imagenet".
        recipe: The recipe that they were trained with, as a tree; None for a file and ImageNet.
        weights: The weights of a run or a bundle.
        file: Path of a file; None for the others.
        fingerprint: Of the data set that they were trained on, if it is known.
    """

    name: str
    recipe: Mapping[str, Any] | None = None
    weights: TrainedWeights | None = None
    file: Path | None = None
    fingerprint: str | None = None

    def leakage_warnings(self, recipe: Recipe, fingerprint: str, *, held_out: bool) -> tuple[str, ...]:
        """Return why scores may be too high: the weights may have been trained on validation faces.

        Args:
            recipe: The recipe of the training.
            fingerprint: Of its source.
            held_out: Its validation split is taken from training.
        """
        same = self.recipe is not None and self.fingerprint == fingerprint
        if not (same and held_out) or division(self.recipe or {}) == division(recipe.model_dump()):
            return ()
        warning = (
            f"Its weights are from {Path(self.name).name}, trained on the same data set with another "
            "data.holdout or train.seed, so on faces that are held out for validation here: the scores on "
            "them are too high."
        )
        return (warning,)

    def load(
        self,
        network: nn.Module,
        config: NetworkConfig,
        classes: Sequence[str],
        sample: Callable[[int], Tensor],
    ) -> str:
        """Load the weights into a network, and return one line that says what was loaded.

        Args:
            network: Built from `config` for `classes`.
            config: Its configuration.
            classes: Names of its classes.
            sample: As in `NetworkConfig.initialize`.

        Raises:
            RecipeError: The network has another body than the weights.
            RunError: A file of weights can't be read or used.
        """
        if self.weights is not None:
            return transfer(network, config, self.weights, classes, sample)
        file = config.imagenet_weights() if self.file is None else self.file
        said = config.load_pretrained(network, file)
        if said is not None:
            return said
        return transfer(network, config, TrainedWeights(file.name, read_tensors(file)), classes, sample)


def open_start(given: str | Path) -> Start:
    """Return what a training starts from; the weights of a run or a bundle are read.

    Args:
        given: A run folder, the file of a bundle or the name of a shipped one, "imagenet", or a safetensors
            file.

    Raises:
        RunError: There is nothing like that, or the run has no valid checkpoint.
        BundleError: The bundle is damaged, or its weights can't be recovered.
    """
    if not isinstance(given, str | PathLike):
        raise RunError(f"pretrained of type {type(given).__name__}, expected a path or a name")
    path = as_path(given, "pretrained", RunError)
    if (path / RUN_FILE).is_file():
        return _of_run(RunFolder(path))
    if is_bundle(path):
        return _of_bundle(given, path)
    if str(given) == IMAGENET:
        return Start(IMAGENET)
    if path.is_dir() or not path.exists():
        what = "a folder that is no run" if path.is_dir() else "no such run, bundle or file"
        raise RunError(
            f"pretrained: {path}: {what}; give a run folder, a bundle (a file, or "
            f"{', '.join(shipped_names())}), {IMAGENET}, or a .safetensors file",
            path=path,
        )
    require_kind(path, "a run folder, a bundle or weights in safetensors", (WEIGHTS,), RunError)
    return Start(str(path.resolve()), file=path)


def _of_run(run: RunFolder) -> Start:
    tensors = read_network(run).state_dict()
    section = run.recipe_tree.get("network")
    weights = TrainedWeights(run.name, tensors, run.classes, section=section)
    return Start(str(run.path.resolve()), run.recipe_tree, weights, fingerprint=run.fingerprint)


def _of_bundle(given: str | Path, path: Path) -> Start:
    """Of an ensemble, the first network is taken."""
    bundle = read_bundle(given)
    metadata, found = bundle.metadata, bundle_weights(bundle)[0]
    member = metadata.members[0]
    name = str(given) if str(given) in shipped_names() else str(path.resolve())
    source = path.name if len(metadata.members) == 1 else f"the first network of {path.name} ({member.run})"
    section = member.section("network")
    weights = TrainedWeights(source, found.tensors, metadata.classes, found.biases, section)
    shape = {"size": metadata.size, "channels": metadata.channels}
    tree = {**member.recipe, "data": {**member.section("data"), **shape}}
    return Start(name, tree, weights, fingerprint=member.fingerprint)


def start_of(recipe: Recipe, given: str | Path | None) -> tuple[Recipe, Start | None]:
    """Return the recipe of a training, and what it starts from.

    A recipe whose network only stands for that of the weights gets their network, preprocessing, size and
    channels.

    Args:
        recipe: The recipe.
        given: As for `open_start`; None for what the recipe says.

    Raises:
        RecipeError: The recipe needs a network, and the weights come without one.
        RunError, BundleError: As `open_start`.
    """
    source = recipe.network.pretrained_source() if given is None else given
    start = None if source is None else open_start(source)
    if recipe.network.takes_network_of_weights() and start is not None:
        adopted = _adopted(recipe, start)
        changed = source != recipe.network.pretrained_source()
        return (adopted.model_copy(update=dict.fromkeys(MEASURED, "")) if changed else adopted), start
    file = start.file if start else None
    network = recipe.network if start and not file else recipe.network.starting_from(file)
    return recipe.model_copy(update={"network": network}), start


def _adopted(recipe: Recipe, start: Start) -> Recipe:
    if start.recipe is None:
        recipe_name = "efficientnet-lite0" if start.name == IMAGENET else "a recipe of that network"
        raise RecipeError(
            f"pretrained: {start.name} comes without its network, which this recipe takes over; give a run "
            f"or a bundle, or train {recipe_name}"
        )
    old = start.recipe
    try:
        section = old["network"]
        network = NETWORKS.get(str(section["kind"])).model_validate(section)
        changed = recipe.model_dump(mode="json")
        changed["network"] = {**_plain(network), "trainable": changed["network"]["trainable"]}
        changed["preprocess"] = old.get("preprocess", {})
        changed["data"] |= {key: old["data"][key] for key in ADOPTED_DATA if key in old.get("data", {})}
        return Recipe.model_validate(changed)
    except (KeyError, TypeError, ValidationError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RecipeError(f"pretrained: the recipe of {start.name} can't be used here ({reason})") from error


def _plain(part: Part) -> dict[str, Any]:
    return part.model_dump(mode="json")


def differing_preprocessing(recipe: Recipe, start: Start) -> str | None:
    """Return one line if the weights were trained on faces of other preprocessing or size, or None."""
    if start.recipe is None:
        return None
    own, old = recipe.model_dump(mode="json"), start.recipe
    keys = [
        f"preprocess.{key}"
        for key, value in own["preprocess"].items()
        if value != old.get("preprocess", {}).get(key, value)
    ]
    keys += [
        f"data.{key}"
        for key in ADOPTED_DATA
        if own["data"][key] != old.get("data", {}).get(key, own["data"][key])
    ]
    if not keys:
        return None
    return (
        f"pretrained: {start.name} was trained with other values of {', '.join(keys)}, which costs accuracy"
    )
