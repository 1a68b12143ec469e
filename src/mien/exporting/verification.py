"""What a bundle says, beside what its parts say: the checks that every export has to pass.

The bundle is run by ONNX Runtime as it lies in the file; torch runs the network of a run, and the
parts that were bundles before are asked one by one.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.bundles.onnx_session import open_session
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.ensemble import LEAST
from mien.exporting.graph import RunGraph
from mien.transforms.tta import views_of

TOLERANCE: Final = 1e-4
"""Largest difference that float32 arithmetic in another order excuses."""

ROUNDED: Final = 0.02
"""The same for int8, where another order may round to the next step."""

DEAREST: Final = 0.003
"""Validation accuracy that int8 may cost: 0.3 points."""

BATCH: Final = 64


class Answers(NamedTuple):
    """What was said about n faces."""

    probabilities: NDArray[np.float32]
    """(n, classes)."""
    logits: NDArray[np.float32]
    """(n, classes)."""


def network_logits(graph: RunGraph, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what torch makes of faces (n, side, side), one or more, equalized where CLAHE is asked for."""
    with torch.no_grad():
        return np.concatenate([graph(torch.tensor(batch)).numpy() for batch in _batches(faces)])


def mean_answers(
    parts: Sequence[Callable[[NDArray[np.uint8]], NDArray[np.float32]]],
    faces: NDArray[np.uint8],
    tta: TTA | None,
    counts: Sequence[int] | None = None,
) -> Answers:
    """Return what the parts of a bundle say together, before calibration, without the bundle.

    Args:
        parts: Each returns its logits (n, classes) of faces.
        faces: uint8, (n, side, side), as for a bundle.
        tta: Those that the bundle averages over, here as torch makes them.
        counts: How many networks each part stands for in the mean; one each unless given.
    """
    gray = torch.tensor(faces)[:, None].float() / 255
    seen = [(view[:, 0] * 255).round().byte().numpy() for view in views_of(gray, tta)]
    found = [part(view) for part in parts for view in seen]
    if len(found) == 1:
        return Answers(softmax(found[0]), found[0])
    weights = np.repeat(counts or [1] * len(parts), len(seen)).astype(np.float32)
    mean = np.average([softmax(logits) for logits in found], axis=0, weights=weights)
    return Answers(mean, np.log(np.maximum(mean, LEAST)))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities (n, classes) that logits stand for."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: NDArray[np.float32] = odds / odds.sum(axis=1, keepdims=True)
    return found


def bundle_answers(content: bytes, faces: NDArray[np.uint8]) -> Answers:
    """Return what the ONNX file of these bytes makes of the same faces."""
    session = open_session(content, torch.get_num_threads())
    return _joined([session.run([PROBABILITIES, LOGITS], {INPUT: batch}) for batch in _batches(faces)])


def difference(one: Answers, other: Answers) -> float:
    """Return the largest difference between two sets of answers to the same faces.

    Probabilities differ absolutely; logits beyond 1 in parts of their size, since that is what the
    precision of a float goes by.
    """
    scale = np.maximum(1, np.abs(one.logits))
    gaps = (one.probabilities - other.probabilities, (one.logits - other.logits) / scale)
    return float(np.abs(np.concatenate(gaps)).max())  # NaN, if there is one


def refuse_nonsense(answers: Answers) -> None:
    """Refuse a network that gives no numbers, as one that diverged.

    Raises:
        RunError: A logit is infinite or NaN.
    """
    wrong = int((~np.isfinite(answers.logits).all(axis=1)).sum())
    if wrong:
        raise RunError(
            f"the network gives no finite logits for {wrong:,} of {len(answers.logits):,} validation faces; "
            "go back to its best epoch with mien train --recover RUN, or train again"
        )


def refuse_other_answers(largest: float, *, int8: bool = False) -> None:
    """Refuse a bundle that doesn't compute what its parts compute.

    Args:
        largest: Largest difference between the two.
        int8: A part is quantized.

    Raises:
        BundleError: It is above `TOLERANCE`, or `ROUNDED`, or no number.
    """
    allowed = ROUNDED if int8 else TOLERANCE
    if not largest <= allowed:
        raise BundleError(
            f"the bundle differs from its parts by {largest:.2g}, expected {allowed:g} at most; "
            "nothing was written: another version of torch or onnxscript may convert it better"
        )


def refuse_dear_int8(before: float, after: float, n: int) -> None:
    """Refuse int8 that costs too much of the validation accuracy.

    Args:
        before: Accuracy of the network on validation, 0 to 1.
        after: Accuracy of its int8 bundle on the same faces.
        n: How many those are.

    Raises:
        BundleError: More than `DEAREST` is lost.
    """
    if before - after > DEAREST + 1e-9:  # 0.3 points themselves are allowed, however they round
        raise BundleError(
            f"int8 costs {100 * (before - after):.2f} points of accuracy ({100 * before:.2f} % to "
            f"{100 * after:.2f} % on {n:,} validation faces), expected {100 * DEAREST:g} at most; "
            "nothing was written: export without --int8"
        )


def _batches(faces: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [faces[start : start + BATCH] for start in range(0, len(faces), BATCH)]


def _joined(found: list[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> Answers:
    probabilities, logits = zip(*found, strict=True)
    return Answers(np.concatenate(probabilities), np.concatenate(logits))
