"""Builders for tests of recognition: metadata, a bundle without training, and a recognizer of it.

The network depends on the brightness only: black faces are the first class, white ones the last, the
others lie between in equal steps. `gray_of` gives the level that a label needs.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from mien.bundles.calibration import scaled
from mien.bundles.metadata import (
    INPUT,
    LOGITS,
    PROBABILITIES,
    BundleMetadata,
    ConfidenceThreshold,
    Member,
    Scores,
)
from mien.bundles.reading import Bundle
from mien.bundles.seal import sealed
from mien.detection.base import Detector
from mien.labels import EMOTIONS
from mien.recognition.engines.factory import make_engine
from mien.recognition.recognizer import Recognizer

OPSET = 18
SHARPNESS = 200.0
"""With seven classes a face of just the right gray gets 0.97, one between two classes 0.5."""


def tiny_card(**changes: object) -> BundleMetadata:
    """Return valid metadata, with changes of its fields; `temperature` stands for its calibration."""
    fields: dict[str, object] = {
        "name": "tiny",
        "mien_version": "0.1.0",
        "created": "2026-01-02T03:04:05Z",
        "license": "MIT",
        "classes": EMOTIONS,
        "size": 48,
        "precision": "float32",
        "members": (_member(),),
        "scores": (_scores(changes.get("classes", EMOTIONS)),),  # type: ignore[arg-type]
        "confidence_threshold": ConfidenceThreshold(
            value=0.55, coverage=0.71, accuracy=0.85, split="validation"
        ),
    }
    temperature: Any = changes.pop("temperature", 1.0)
    fields["calibration"] = scaled(temperature)
    return BundleMetadata.model_validate(fields | changes)


def tiny_model(metadata: BundleMetadata, *, opset: int = OPSET) -> onnx.ModelProto:
    """Return the graph that metadata describe, not yet sealed."""
    graph = helper.make_graph(
        _nodes(),
        metadata.name,
        [_input(metadata.input_shape)],
        _outputs(len(metadata.classes)),
        _weights(metadata),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def conv_bundle(seed: int = 0, **changes: object) -> Bundle:
    """Return a bundle in memory with a small, random convolutional network."""
    metadata = tiny_card(**changes)
    rng = np.random.default_rng(seed)
    pooled = (metadata.size // 2) ** 2
    shapes = {
        "kernel": (16, metadata.channels, 3, 3),
        "weight": (16 * pooled, len(metadata.classes)),
        "bias": (len(metadata.classes),),
    }
    weights = [
        numpy_helper.from_array(rng.normal(0, (2 / shape[0]) ** 0.5, shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    model = tiny_model(metadata)
    del model.graph.initializer[1:3], model.graph.node[1:4]
    axes = [numpy_helper.from_array(np.array([1]), "channel")] if metadata.channels == 1 else []
    model.graph.initializer.extend([*weights, *axes])
    for position, node in enumerate(_conv_nodes(metadata.channels), start=1):
        model.graph.node.insert(position, node)
    return Bundle(sealed(model, metadata), metadata, metadata.name)


def tiny_bundle(path: Path, **changes: object) -> Path:
    """Write a bundle to `path`, its metadata with changes, and return `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(in_memory(**changes).content)
    return path


def in_memory(**changes: object) -> Bundle:
    """Return a bundle without a file, with changes of its metadata."""
    metadata = tiny_card(**changes)
    return Bundle(sealed(tiny_model(metadata), metadata), metadata, metadata.name)


def tiny_recognizer(detector: Detector | None = None, **changes: object) -> Recognizer:
    """Return a recognizer of a tiny bundle; by default each image is a face."""
    from mien.detection.factory import make_detector

    bundle = in_memory(**changes)
    found = detector or make_detector("whole")
    return Recognizer(bundle.metadata, make_engine(bundle, "onnx", threads=1), found)


def gray_of(label: str, classes: Sequence[str] = EMOTIONS) -> int:
    """Return the gray level, 0 to 255, of faces that a tiny bundle classifies as `label`."""
    return round(255 * _centers(len(classes))[list(classes).index(label)])


def gray_faces(n: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return faces that a tiny bundle classifies correctly, (n, 48, 48), and their labels, (n,)."""
    labels = np.arange(n, dtype=np.int64) % len(EMOTIONS)
    levels = np.array([gray_of(name) for name in EMOTIONS], np.uint8)
    return np.broadcast_to(levels[labels][:, None, None], (n, 48, 48)).copy(), labels


def _centers(classes: int) -> NDArray[np.float64]:
    return np.linspace(0, 1, classes)


def _nodes() -> list[onnx.NodeProto]:
    """Negative squared distance to each class's brightness, without the term that is equal for all."""
    return [
        helper.make_node("Cast", [INPUT], ["gray"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["gray"], ["pixels"]),
        helper.make_node("Div", ["pixels", "white"], ["brightness"]),
        helper.make_node("Gemm", ["brightness", "weight", "bias"], [LOGITS]),
        helper.make_node("Div", [LOGITS, "temperature"], ["calibrated"]),
        helper.make_node("Softmax", ["calibrated"], [PROBABILITIES], axis=1),
    ]


def _conv_nodes(channels: int) -> list[onnx.NodeProto]:
    maps = (
        helper.make_node("Unsqueeze", ["light", "channel"], ["image"])
        if channels == 1
        else helper.make_node("Transpose", ["light"], ["image"], perm=[0, 3, 1, 2])
    )
    return [
        helper.make_node("Div", ["gray", "white"], ["light"]),
        maps,
        helper.make_node("Conv", ["image", "kernel"], ["edges"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["edges"], ["strong"]),
        helper.make_node("MaxPool", ["strong"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("Gemm", ["features", "weight", "bias"], [LOGITS]),
    ]


def _weights(metadata: BundleMetadata) -> list[TensorProto]:
    centers = _centers(len(metadata.classes))
    pixels = metadata.size**2 * metadata.channels
    arrays = {
        "white": np.array(255.0),
        "weight": np.tile(2 * SHARPNESS * centers / pixels, (pixels, 1)),
        "bias": -SHARPNESS * centers**2,
        "temperature": np.array(metadata.calibration.temperature),
    }
    return [numpy_helper.from_array(array.astype(np.float32), name) for name, array in arrays.items()]


def _input(face: Sequence[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", *face])


def _outputs(classes: int) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", classes])
        for name in (PROBABILITIES, LOGITS)
    ]


def _member() -> Member:
    return Member(
        run="tiny-1",
        recipe_name="tiny",
        recipe={},
        source="synthetic:200",
        fingerprint="0123456789abcdef",
        weights="fedcba9876543210",
        parameters=1234,
    )


def _scores(classes: Sequence[str]) -> Scores:
    return Scores(
        split="validation",
        n=3589,
        accuracy=0.653,
        interval=(0.637, 0.668),
        macro_f1=0.62,
        log_loss=0.95,
        calibration_error=0.02,
        recalls={name: 0.5 + 0.01 * position for position, name in enumerate(classes)},
    )
