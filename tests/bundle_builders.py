"""Builders for tests of recognition: a card, a bundle without training, and a recognizer of it.

The network inside looks at nothing but brightness: black faces are the first class, white ones the
last, the others lie between in equal steps. `grey_of` gives the level that a label needs.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from mien.bundle.card import INPUT, LOGITS, PROBABILITIES, Card, Member, Scores, Sureness
from mien.bundle.read import Bundle
from mien.bundle.seal import sealed
from mien.labels import EMOTIONS
from mien.predict.detect.base import Detector
from mien.predict.engine.choose import make_engine
from mien.predict.recognizer import Recognizer

OPSET = 18
SHARPNESS = 200.0
"""With seven classes a face of just the right grey gets 0.97, one between two classes 0.5."""


def tiny_card(**changes: object) -> Card:
    """Return a valid card, with changes of its fields."""
    fields: dict[str, object] = {
        "name": "tiny",
        "mien_version": "0.1.0",
        "created": "2026-01-02T03:04:05Z",
        "licence": "MIT",
        "classes": EMOTIONS,
        "side": 48,
        "temperature": 1.0,
        "precision": "float32",
        "members": (_member(),),
        "scores": (_scores(changes.get("classes", EMOTIONS)),),  # type: ignore[arg-type]
        "sureness": Sureness(threshold=0.55, coverage=0.71, accuracy=0.85, split="validation"),
    }
    return Card.model_validate(fields | changes)


def tiny_model(card: Card, *, opset: int = OPSET) -> onnx.ModelProto:
    """Return the network of a card as ONNX, not yet sealed."""
    graph = helper.make_graph(
        _nodes(), card.name, [_input(card.side)], _outputs(len(card.classes)), _weights(card)
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def conv_bundle(seed: int = 0, **changes: object) -> Bundle:
    """Return a bundle in memory whose network is small and random, but made of what real ones are of."""
    card = tiny_card(**changes)
    rng = np.random.default_rng(seed)
    half = (card.side // 2) ** 2
    shapes = {"kernel": (16, 1, 3, 3), "weight": (16 * half, len(card.classes)), "bias": (len(card.classes),)}
    weights = [
        numpy_helper.from_array(rng.normal(0, (2 / shape[0]) ** 0.5, shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    model = tiny_model(card)
    del model.graph.initializer[1:3], model.graph.node[1:4]
    model.graph.initializer.extend([*weights, numpy_helper.from_array(np.array([1]), "channel")])
    for position, node in enumerate(_conv_nodes(), start=1):
        model.graph.node.insert(position, node)
    return Bundle(sealed(model, card), card, card.name)


def tiny_bundle(path: Path, **changes: object) -> Path:
    """Write a bundle to `path`, its card with changes, and return `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(in_memory(**changes).content)
    return path


def in_memory(**changes: object) -> Bundle:
    """Return a bundle that lies in no file, its card with changes."""
    card = tiny_card(**changes)
    return Bundle(sealed(tiny_model(card), card), card, card.name)


def tiny_recognizer(detector: Detector | None = None, **changes: object) -> Recognizer:
    """Return a recognizer of a tiny bundle; unless told otherwise each picture is a face."""
    from mien.predict.detect.choose import make_detector

    bundle = in_memory(**changes)
    found = detector or make_detector("whole", notice=print)
    return Recognizer(bundle.card, make_engine(bundle, "onnx", threads=1), found)


def grey_of(label: str, classes: Sequence[str] = EMOTIONS) -> int:
    """Return the grey level, 0 to 255, of faces that a tiny bundle gives `label`."""
    return round(255 * _centres(len(classes))[list(classes).index(label)])


def _centres(classes: int) -> NDArray[np.float64]:
    return np.linspace(0, 1, classes)


def _nodes() -> list[onnx.NodeProto]:
    """Negative squared distance to each class's brightness, less what is the same for all."""
    return [
        helper.make_node("Cast", [INPUT], ["grey"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["grey"], ["pixels"]),
        helper.make_node("Div", ["pixels", "white"], ["brightness"]),
        helper.make_node("Gemm", ["brightness", "weight", "bias"], [LOGITS]),
        helper.make_node("Div", [LOGITS, "temperature"], ["calibrated"]),
        helper.make_node("Softmax", ["calibrated"], [PROBABILITIES], axis=1),
    ]


def _conv_nodes() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Div", ["grey", "white"], ["light"]),
        helper.make_node("Unsqueeze", ["light", "channel"], ["image"]),
        helper.make_node("Conv", ["image", "kernel"], ["edges"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["edges"], ["strong"]),
        helper.make_node("MaxPool", ["strong"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("Gemm", ["features", "weight", "bias"], [LOGITS]),
    ]


def _weights(card: Card) -> list[TensorProto]:
    centres = _centres(len(card.classes))
    pixels = card.side**2
    arrays = {
        "white": np.array(255.0),
        "weight": np.tile(2 * SHARPNESS * centres / pixels, (pixels, 1)),
        "bias": -SHARPNESS * centres**2,
        "temperature": np.array(card.temperature),
    }
    return [numpy_helper.from_array(array.astype(np.float32), name) for name, array in arrays.items()]


def _input(side: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", side, side])


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
        source="drawn:200",
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
