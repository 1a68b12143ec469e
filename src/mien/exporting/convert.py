"""Converts torch to ONNX: a self-contained graph without traces of the machine that made it."""

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import onnx
import torch
from google.protobuf.message import Message

from mien import __version__
from mien.bundles.metadata import INPUT, LOGITS, input_shape
from mien.exporting.graph import RunGraph

OPSET: Final = 18
"""The version that torch's exporter writes without conversion; all current engines read it."""

NOTES: Final = ("doc_string", "metadata_props")
"""Fields of ONNX messages in which exporters store stack traces, with paths of source files."""


def to_onnx(graph: RunGraph, size: int, channels: int = 1) -> onnx.ModelProto:
    """Return `graph` as ONNX, for any number of faces, with BatchNorm folded into convolutions.

    The same graph gives the same bytes.

    Args:
        graph: In evaluation mode.
        size: Height and width of the faces in pixels.
        channels: 1 for gray faces, 3 for RGB.
    """
    faces = torch.zeros((2, *input_shape(size, channels)), dtype=torch.uint8)  # 1 would make n constant
    with _quiet():
        program = torch.onnx.export(
            graph,
            (faces,),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[LOGITS],
            dynamic_shapes={"faces": {0: torch.export.Dim("n")}},
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no program")
    return cleaned(program.model_proto)


def cleaned(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy of `model` without notes, types of inner values, and unused operator domains.

    The producer becomes mien.
    """
    clean = onnx.ModelProto()
    clean.CopyFrom(model)
    _clear_notes(clean)
    del clean.graph.value_info[:]
    used = {node.domain for node in clean.graph.node}
    kept = [opset for opset in clean.opset_import if opset.domain in used]
    del clean.opset_import[:]
    clean.opset_import.extend(kept)
    clean.producer_name, clean.producer_version = "mien", __version__
    clean.graph.name = "mien"
    return clean


def _clear_notes(message: Message) -> None:
    """Clear the notes of a message and of all messages in it."""
    for field in NOTES:
        if field in message.DESCRIPTOR.fields_by_name:
            message.ClearField(field)
    for part in _inside(message):
        _clear_notes(part)


def _inside(message: Message) -> Iterator[Message]:
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            parts: Iterable[Message] = value if field.is_repeated else (value,)
            yield from parts


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter's messages about torchvision and torch's own deprecations."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
