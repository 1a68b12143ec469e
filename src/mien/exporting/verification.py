"""Verification: a bundle must compute what its components compute.

ONNX Runtime runs the bundle as it is in the file; torch runs the network of a run, and components that
were bundles run one by one.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.ensemble import MIN_PROBABILITY
from mien.exporting.graph import RunGraph
from mien.runtime.opening import open_graph
from mien.text import counted
from mien.transforms.tensors import as_tensor
from mien.transforms.tta import views_of

TOLERANCE: Final = 1e-4
"""Largest difference that the order of float32 operations explains."""

INT8_TOLERANCE: Final = 0.02
"""The same for int8, where another order may round to the next level."""

MAX_INT8_LOSS: Final = 0.003
"""Largest loss of validation accuracy by int8: 0.3 points."""

BATCH: Final = 64


class GraphOutput(NamedTuple):
    """The two outputs of a bundle's graph for n faces."""

    probabilities: NDArray[np.float32]
    """(n, classes)."""
    logits: NDArray[np.float32]
    """(n, classes)."""


def network_logits(graph: RunGraph, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the logits, (n, classes), that torch computes for one or more faces.

    Args:
        graph: From faces to logits.
        faces: uint8, (n, size, size) or (n, size, size, 3), after CLAHE.
    """
    with torch.no_grad():
        return np.concatenate([graph(torch.tensor(batch)).numpy() for batch in _batches(faces)])


def expected_output(
    components: Sequence[Callable[[NDArray[np.uint8]], NDArray[np.float32]]],
    faces: NDArray[np.uint8],
    tta: TTA | None,
    counts: Sequence[int] | None = None,
) -> GraphOutput:
    """Return what a bundle of these components must compute before calibration.

    Args:
        components: Each returns logits (n, classes) of faces.
        faces: uint8, (n, size, size) or (n, size, size, 3), after CLAHE.
        tta: The test-time augmentation of the bundle, computed by torch here.
        counts: Number of networks of each component, its weight in the mean; one each by default.
    """
    views = _views(faces, tta)
    logits = [component(view) for component in components for view in views]
    if len(logits) == 1:
        return GraphOutput(softmax(logits[0]), logits[0])
    weights = np.repeat(counts or [1] * len(components), len(views)).astype(np.float32)
    mean = np.average([softmax(one) for one in logits], axis=0, weights=weights)
    return GraphOutput(mean, np.log(np.maximum(mean, MIN_PROBABILITY)))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the softmax of logits (n, classes)."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = odds / odds.sum(axis=1, keepdims=True)
    return probabilities


def run_graph(content: bytes, faces: NDArray[np.uint8]) -> GraphOutput:
    """Return what an ONNX file computes for faces.

    Args:
        content: The file.
        faces: uint8, (n, size, size) or (n, size, size, 3).
    """
    graph = open_graph(content, engine="onnx", threads=torch.get_num_threads())
    found = [graph.run({INPUT: batch}) for batch in _batches(faces)]
    return _joined([(one[PROBABILITIES], one[LOGITS]) for one in found])


def largest_difference(one: GraphOutput, other: GraphOutput) -> float:
    """Return the largest difference between two outputs for the same faces; NaN if one has a NaN.

    Probabilities differ absolutely; logits beyond 1 relative to their size, as float precision does.
    """
    scale = np.maximum(1, np.abs(one.logits))
    gaps = (one.probabilities - other.probabilities, (one.logits - other.logits) / scale)
    return float(np.abs(np.concatenate(gaps)).max())


def require_finite(output: GraphOutput) -> None:
    """Check that a network returns numbers; one that diverged doesn't.

    Raises:
        RunError: A logit is infinite or NaN.
    """
    wrong = int((~np.isfinite(output.logits).all(axis=1)).sum())
    if wrong:
        raise RunError(
            f"the network returns logits that are not finite for {wrong:,} of "
            f"{counted(len(output.logits), 'validation face')}; recover the run from its best epoch, or "
            "train it again"
        )


def require_same_output(difference: float, *, int8: bool = False) -> None:
    """Check that a bundle computes what its components compute.

    Args:
        difference: The largest one between the two.
        int8: A component is quantized.

    Raises:
        BundleError: It exceeds `TOLERANCE`, or `INT8_TOLERANCE`, or is NaN.
    """
    allowed = INT8_TOLERANCE if int8 else TOLERANCE
    if not difference <= allowed:
        raise BundleError(
            f"the bundle differs from its components by {difference:.2g}, expected {allowed:g} at most; "
            "nothing was written: another version of torch or onnxscript may convert it correctly"
        )


def require_int8_accuracy(before: float, after: float, n: int) -> None:
    """Check that int8 keeps the validation accuracy.

    Args:
        before: Validation accuracy in float32, 0 to 1.
        after: Accuracy in int8 on the same faces.
        n: Number of faces.

    Raises:
        BundleError: More than `MAX_INT8_LOSS` is lost.
    """
    if before - after > MAX_INT8_LOSS + 1e-9:  # exactly 0.3 points are allowed, whatever the rounding
        raise BundleError(
            f"int8 reduces the accuracy by {100 * (before - after):.2f} points ({100 * before:.2f} % to "
            f"{100 * after:.2f} % on {counted(n, 'validation face')}), expected {100 * MAX_INT8_LOSS:g} at "
            "most; nothing was written: export without int8=True"
        )


def _views(faces: NDArray[np.uint8], tta: TTA | None) -> list[NDArray[np.uint8]]:
    """Return the views of faces as uint8 faces of the same shape."""
    levels = as_tensor(faces).float() / 255
    views = [(view * 255).round().byte() for view in views_of(levels, tta)]
    return [
        (view[:, 0] if faces.ndim == 3 else view.permute(0, 2, 3, 1)).contiguous().numpy() for view in views
    ]


def _batches(faces: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [faces[start : start + BATCH] for start in range(0, len(faces), BATCH)]


def _joined(found: list[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> GraphOutput:
    probabilities, logits = zip(*found, strict=True)
    return GraphOutput(np.concatenate(probabilities), np.concatenate(logits))
