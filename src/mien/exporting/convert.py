"""From torch to ONNX: a self-contained graph without a trace of the machine that made it."""

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import onnx
import torch
from google.protobuf.message import Message

from mien import __version__
from mien.bundles.metadata import INPUT, LOGITS
from mien.exporting.graph import RunGraph

OPSET: Final = 18
"""What torch's exporter writes without converting, and every engine of the last years reads."""

NOTES: Final = ("doc_string", "metadata_props")
"""Fields of ONNX messages where exporters leave stack traces, with the paths of source files."""


def to_onnx(graph: RunGraph, size: int) -> onnx.ModelProto:
    """Return `graph` as ONNX, faces to logits, for any number of faces, BatchNorm folded where it can be.

    The same graph gives the same bytes.

    Args:
        graph: In evaluation mode.
        size: Side of the faces in pixels.
    """
    faces = torch.zeros((2, size, size), dtype=torch.uint8)  # one face would make the batch constant
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
    """Return `model` without notes, types of inner values and domains that no node uses.

    A new model; the producer becomes mien.
    """
    clean = onnx.ModelProto()
    clean.CopyFrom(model)
    _forget_notes(clean)
    del clean.graph.value_info[:]
    used = {node.domain for node in clean.graph.node}
    kept = [opset for opset in clean.opset_import if opset.domain in used]
    del clean.opset_import[:]
    clean.opset_import.extend(kept)
    clean.producer_name, clean.producer_version = "mien", __version__
    clean.graph.name = "mien"
    return clean


def _forget_notes(message: Message) -> None:
    """Clear the notes of a message and of all that is inside it."""
    for field in NOTES:
        if field in message.DESCRIPTOR.fields_by_name:
            message.ClearField(field)
    for part in _inside(message):
        _forget_notes(part)


def _inside(message: Message) -> Iterator[Message]:
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            parts: Iterable[Message] = value if field.is_repeated else (value,)
            yield from parts


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter from talking about torchvision and about torch's own deprecations."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
