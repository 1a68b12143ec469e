"""ImageNet weights for the body of a ResNet50V2, under the names of timm or of Keras.

Called between `build_network` and the training. Every tensor of the body is loaded from exactly one
tensor of the file, or an error is raised: a partially loaded body would train badly without notice.
ImageNet's classifier is skipped; attention and head keep their random initialization.

For gray faces the stem's weights are summed over the three colors, which gives the same result as the
original network on a gray image with equal red, green and blue; for RGB faces they are kept. Both
networks were trained on values scaled to -1..1, so the weights need `preprocess.mean=0.5` and
`preprocess.std=0.5`. The default of mien would double the contrast that the statistics of a frozen
BatchNorm expect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from mien.errors import RecipeError, RunError
from mien.files.identify import WEIGHTS, require_kind
from mien.files.writing import openable
from mien.models.pretrained_names import (
    COUNTER,
    IMAGENET_HEAD,
    LAYOUT_OF,
    Naming,
    name_in_file,
    naming_of,
    plain_name,
)
from mien.models.resnet_v2 import ResNetV2, ResNetV2Body, ResNetV2Network
from mien.text import counted

FROM_TORCH: Final = (
    'python -c "import torch, safetensors.torch as s; '
    "s.save_file(torch.load('{path}', weights_only=True), 'weights.safetensors')\""
)
FROM_KERAS: Final = (
    'python -c "import keras, safetensors.numpy as s; '
    "m = keras.applications.ResNet50V2(weights='{path}', include_top={top}); "
    "s.save_file({{v.path: v.numpy() for v in m.variables}}, 'weights.safetensors')\""
)
CONVERSIONS: Final = {
    **dict.fromkeys((".pth", ".pt", ".bin", ".ckpt", ".pkl"), FROM_TORCH),
    **dict.fromkeys((".h5", ".hdf5", ".keras"), FROM_KERAS),
}


@dataclass(frozen=True)
class Pretrained:
    """Result of `load_pretrained`; as a string, one line for the terminal."""

    naming: Naming
    """Naming convention of the file."""
    mapped: Mapping[str, str]
    """Name in the file of every tensor of the body, by its name in the body."""
    ignored: tuple[str, ...]
    """Tensors of the file that mien doesn't use: ImageNet's classifier, counters."""
    numbers: int
    """How many values were loaded, statistics of BatchNorm included."""

    def __str__(self) -> str:
        return (
            f"pretrained: loaded {counted(self.numbers, 'value')} in {counted(len(self.mapped), 'tensor')} "
            f"with names of {self.naming}; skipped {counted(len(self.ignored), 'other tensor')} of the file"
        )


def load_pretrained(network: ResNetV2Network, path: Path) -> Pretrained:
    """Load the ImageNet weights in a safetensors file into the body of `network`.

    Args:
        network: Built in the layout of the file (see `layout_of`).
        path: Weights of timm's `resnetv2_50` or Keras' `ResNet50V2`, with their original names.

    Raises:
        RunError: The file can't be read, or isn't a complete network of one of the two.
        RecipeError: The network has another layout or size than the weights.
    """
    body = network.body
    tensors = read_tensors(path)
    naming = _naming(tensors, path)
    _check_layout(body.config, naming, path)
    mapped = _mapped(body, tensors, naming, path)
    state = body.state_dict()
    values = {
        name: _fitted_value(tensors[found], state[name].shape, naming, f"{path}: {found}")
        for name, found in mapped.items()
    }
    body.load_state_dict(values, strict=False)
    ignored = tuple(sorted(set(tensors) - set(mapped.values())))
    return Pretrained(naming, mapped, ignored, sum(value.numel() for value in values.values()))


def layout_of(path: Path) -> Literal["torch", "keras"] | None:
    """Return the `ResNetV2.layout` of the weights in a safetensors file, None if they have other names.

    Only the names are read.

    Raises:
        RunError: As `load_pretrained`.
    """
    naming = naming_of(_read(path, with_values=False))
    return None if naming is None else LAYOUT_OF[naming]


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read every tensor of a safetensors file; other formats are never opened.

    Raises:
        RunError: Another file format, with a command that converts it, or a damaged file.
    """
    return _read(path, with_values=True)


def _read(path: Path, *, with_values: bool) -> dict[str, Tensor]:
    require_kind(path, "weights in safetensors", (WEIGHTS,), RunError)
    if path.suffix.lower() != ".safetensors":
        raise RunError(f"{path}: expected a .safetensors file; {_how_to_convert(path)}")
    try:
        with openable(path) as name, safe_open(name, framework="pt") as stream:
            names = list(stream.keys())
            return {name: stream.get_tensor(name) if with_values else torch.empty(0) for name in names}
    except (OSError, SafetensorError) as error:
        raise RunError(
            f"{path}: can't read it as safetensors ({error}); download or convert it again"
        ) from error


def _how_to_convert(path: Path) -> str:
    line = CONVERSIONS.get(path.suffix.lower())
    if line is None:
        return "save the weights of timm's resnetv2_50 or Keras' ResNet50V2 as one"
    command = line.format(path=path, top="notop" not in path.name)
    return f"opening other formats can run code; convert it on a machine that may: {command}"


def _naming(tensors: Mapping[str, Tensor], path: Path) -> Naming:
    naming = naming_of(tensors)
    if naming is None:
        some = ", ".join(sorted(tensors)[:3]) or "none"
        raise RunError(
            f"{path}: its tensors ({some}, ...) are named neither as timm's resnetv2_50 "
            "(stem.conv.weight, ...) nor as Keras' ResNet50V2 (conv1_conv/kernel, ...); export one of those"
        )
    return naming


def _check_layout(config: ResNetV2, naming: Naming, path: Path) -> None:
    layout = LAYOUT_OF[naming]
    if config.layout != layout:
        raise RecipeError(
            f"{path}: the weights of {naming} need network.layout={layout}, the recipe has {config.layout}; "
            f"set network.layout={layout}"
        )


def _mapped(body: ResNetV2Body, tensors: Mapping[str, Tensor], naming: Naming, path: Path) -> dict[str, str]:
    """Return the name in the file of every tensor of the body, each used exactly once."""
    given: dict[str, str] = {}
    for name in tensors:
        plain = plain_name(name, naming)
        if plain in given:
            raise RunError(f"{path}: {given[plain]} and {name} are the same tensor twice; keep one network")
        given[plain] = name
    wanted = {name: name_in_file(name, naming) for name in body.state_dict() if not name.endswith(COUNTER)}
    spare = {plain for plain in given if plain in IMAGENET_HEAD or plain.endswith(COUNTER)}
    _check_names(set(wanted.values()) - set(given), set(given) - set(wanted.values()) - spare, path)
    return {name: given[plain] for name, plain in wanted.items()}


def _check_names(missing: set[str], unexpected: set[str], path: Path) -> None:
    problems = [
        f"{counted(len(names), f'{what} tensor')} "
        f"({', '.join(sorted(names)[:3])}{', ...' if len(names) > 3 else ''})"
        for what, names in (("missing", missing), ("unexpected", unexpected))
        if names
    ]
    if problems:
        raise RunError(
            f"{path}: {' and '.join(problems)}; the weights must be those of a network "
            "with the same network.blocks as the recipe, (3, 4, 6, 3) for ResNet50V2"
        )


def _fitted_value(tensor: Tensor, shape: torch.Size, naming: Naming, where: str) -> Tensor:
    """Return `tensor` as float32 of `shape`, in torch's order of axes, summed over colors for gray faces."""
    if not tensor.is_floating_point():
        raise RunError(f"{where} holds {tensor.dtype}, expected floating point; export it unquantized")
    value = tensor.float()
    if naming == "keras" and value.ndim == 4:
        value = value.permute(3, 2, 0, 1)
    if value.ndim == 4 and value.shape[1] == 3 and shape[1] == 1:
        value = value.sum(1, keepdim=True)
    if value.shape != shape:
        raise RecipeError(
            f"{where} has shape {tuple(value.shape)}, the recipe's network {tuple(shape)}; "
            "weights of ImageNet need network.width=1 and network.stem=imagenet"
        )
    if not value.isfinite().all():
        raise RunError(f"{where} holds NaN or infinity; download or convert it again")
    return value
