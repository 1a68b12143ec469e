"""Expensive steps that the tests of a session share, each with the same results as the real one.

They replace names at their place of use; a test of the step itself imports the real function.
"""

import functools
import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mien.faceset import FaceSet

if TYPE_CHECKING:
    import onnx

    from mien.exporting.graph import RunGraph


def share_synthetic_faces(patch: pytest.MonkeyPatch) -> None:
    """Draw each synthetic data set once; every caller gets a copy."""
    import mien.data.synthetic as place

    drawn = functools.lru_cache(maxsize=32)(place.generate_faces)

    def generate_faces(count: int, *, seed: int = 0, size: int = 48, channels: int = 1) -> FaceSet:
        faces = drawn(count, seed=seed, size=size, channels=channels)
        return replace(
            faces, images=faces.images.copy(), labels=faces.labels.copy(), splits=faces.splits.copy()
        )

    patch.setattr(place, "generate_faces", generate_faces)


def skip_drawing_curves(patch: pytest.MonkeyPatch) -> None:
    """Write an empty image instead of the curves at the end of each training."""
    import mien.training.run_folder.history as place

    def write_curves(rows: object, folder: Path) -> None:
        if rows:
            (folder / "curves.png").touch()

    patch.setattr(place, "write_curves", write_curves)


def share_conversions(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Convert each network to ONNX once, in any of the processes that share `folder`."""
    import mien.exporting.components as place

    patch.setattr(place, "to_onnx", functools.partial(_converted, place.to_onnx, folder))


def share_operators(patch: pytest.MonkeyPatch) -> None:
    """Build torch's table of ONNX operators once; each conversion builds it, for 40 % of its time."""
    from torch.onnx._internal.exporter._registration import ONNXRegistry

    patch.setattr(ONNXRegistry, "from_torchlib", staticmethod(functools.cache(ONNXRegistry.from_torchlib)))


def _converted(
    convert: Callable[..., "onnx.ModelProto"], folder: Path, graph: "RunGraph", size: int, channels: int = 1
) -> "onnx.ModelProto":
    import onnx

    path = folder / f"{_digest(graph)}-{size}-{channels}.onnx"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(convert(graph, size, channels).SerializeToString())
        part.replace(path)
    return onnx.load(path)


def _digest(graph: "RunGraph") -> str:
    """A digest of a network: its weights and all other attributes of its modules."""
    import torch

    content = io.BytesIO()
    torch.save(graph, content)
    return hashlib.sha256(content.getvalue()).hexdigest()
