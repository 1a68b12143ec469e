"""What the engines share: faces are checked, equalized and run in batches."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import BundleMetadata
from mien.config.data import Preprocess
from mien.errors import BundleError
from mien.recognition.engines.base import EngineOutput
from mien.runtime.failures import failures_as
from mien.transforms.preprocess import equalize

BATCH = 64
"""Faces in a batch: bounds memory, and larger batches are not faster."""

Run = Callable[[NDArray[np.uint8]], EngineOutput]
"""Runs the graph on 1 to `BATCH` equalized faces."""


def run_in_batches(faces: NDArray[np.uint8], metadata: BundleMetadata, run: Run) -> EngineOutput:
    """Return the output of `run` for any number of faces.

    Args:
        faces: uint8, (n, size, size) or (n, size, size, 3) as the bundle expects; n may be 0.
        metadata: Of the bundle; names the CLAHE.
        run: Runs the graph.

    Raises:
        BundleError: The faces have another type or shape, or the graph fails on them.
    """
    _require_faces(faces, metadata)
    preprocess, shape = Preprocess(clahe=metadata.clahe), (len(faces), len(metadata.classes))
    output = EngineOutput(np.empty(shape, np.float32), np.empty(shape, np.float32))
    for start in range(0, len(faces), BATCH):
        part = slice(start, start + BATCH)
        with failures_as(BundleError, f"bundle {metadata.name}"):
            some = run(equalize(np.ascontiguousarray(faces[part]), preprocess))
        _require_shape(some, output.logits[part].shape, metadata)
        output.probabilities[part], output.logits[part] = some
    return output


def _require_faces(faces: NDArray[np.uint8], metadata: BundleMetadata) -> None:
    shape = metadata.input_shape
    if not (isinstance(faces, np.ndarray) and faces.dtype == np.uint8 and faces.shape[1:] == shape):
        found = f"{faces.dtype} {faces.shape}" if isinstance(faces, np.ndarray) else type(faces).__name__
        expected = ", ".join(map(str, shape))
        raise BundleError(f"bundle {metadata.name}: expected faces as uint8 (n, {expected}), got {found}")


def _require_shape(output: EngineOutput, expected: tuple[int, ...], metadata: BundleMetadata) -> None:
    """NumPy would broadcast an output of another shape."""
    for found in output:
        if found.shape != expected:
            raise BundleError(
                f"bundle {metadata.name}: the graph returned the shape {found.shape}, expected {expected}"
            )
