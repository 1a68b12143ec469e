"""Names of the tensors of a ResNet50V2's body in timm and Keras, and their names in mien.

`mien.models.pretrained` uses it. The names in mien are those of timm, except for the shortcut.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

Naming = Literal["timm", "keras"]

LAYOUT_OF: Final[Mapping[Naming, Literal["torch", "keras"]]] = {"timm": "torch", "keras": "keras"}
"""The `ResNetV2.layout` of each naming convention."""

IMAGENET_HEAD: Final = frozenset({"head.fc.weight", "head.fc.bias", "predictions/kernel", "predictions/bias"})
"""ImageNet's classifier in both naming conventions; it isn't used."""

COUNTER: Final = "num_batches_tracked"
"""Torch's count of the batches of a BatchNorm. It is unused, and Keras has none."""

KERAS_PARTS: Final = {
    "norm1": "preact_bn", "shortcut": "0_conv", "conv1": "1_conv", "norm2": "1_bn",
    "conv2": "2_conv", "norm3": "2_bn", "conv3": "3_conv",
}  # fmt: skip
"""The layers of a bottleneck: the name in mien and the suffix in Keras."""

KERAS_CONV: Final = {"weight": "kernel", "bias": "bias"}
KERAS_NORM: Final = {
    "weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance",
}  # fmt: skip


def naming_of(names: Iterable[str]) -> Naming | None:
    """Return the naming convention of a ResNet50V2's tensors, or None if it is neither."""
    names = set(names)
    if "stem.conv.weight" in names:
        return "timm"
    return "keras" if "conv1_conv/kernel" in {plain_name(name, "keras") for name in names} else None


def plain_name(name: str, naming: Naming) -> str:
    """Return `name` without prefixes and suffixes of file formats.

    Keras' variables become `layer/variable`: its formats have `conv1_conv/conv1_conv/kernel:0`,
    `resnet50v2/conv1_conv/kernel` or `conv1_conv.kernel` for the same one.
    """
    if naming == "timm":
        return name
    return "/".join(re.split(r"[/.]", name.removesuffix(":0"))[-2:])


def name_in_file(name: str, naming: Naming) -> str:
    """Return the name in `naming` of the tensor that is `name` in mien's body."""
    if naming == "timm":
        return name.replace(".shortcut.", ".downsample.conv.")
    layer, _, variable = name.rpartition(".")
    variables = KERAS_NORM if "norm" in layer.rpartition(".")[2] else KERAS_CONV
    return f"{_keras_layer(layer)}/{variables[variable]}"


def _keras_layer(layer: str) -> str:
    """Keras counts groups from 2, since its stem is conv1, and bottlenecks from 1."""
    if not layer.startswith("stages."):
        return {"stem.conv": "conv1_conv", "norm": "post_bn"}[layer]
    _, group, _, block, part = layer.split(".")
    return f"conv{int(group) + 2}_block{int(block) + 1}_{KERAS_PARTS[part]}"
