"""What the engines share: faces are checked, equalized and run in batches."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import BundleMetadata
from mien.bundles.outputs import check_logits, check_probabilities
from mien.bundles.reading import Bundle
from mien.config.data import Preprocess
from mien.errors import BundleError
from mien.recognition.engines.base import EngineOutput
from mien.runtime.failures import failures_as
from mien.transforms.preprocess import equalize

Run = Callable[[NDArray[np.uint8]], EngineOutput]
"""Runs the graph on 1 to `Bundle.batch` equalized faces."""


def run_in_batches(faces: NDArray[np.uint8], bundle: Bundle, run: Run) -> EngineOutput:
    """Return the output of `run` for any number of faces.

    Args:
        faces: uint8, (n, size, size) or (n, size, size, 3) as the bundle expects; n may be 0.
        bundle: Its metadata names the CLAHE, and it limits the faces of a batch.
        run: Runs the graph.

    Raises:
        BundleError: The faces have another type or shape, the graph fails on them, or it returns something
            else than finite logits and probabilities.
    """
    metadata = bundle.metadata
    _require_faces(faces, metadata)
    preprocess, shape = Preprocess(clahe=metadata.clahe), (len(faces), len(metadata.classes))
    output = EngineOutput(np.empty(shape, np.float32), np.empty(shape, np.float32))
    for start in range(0, len(faces), bundle.batch):
        part = slice(start, start + bundle.batch)
        with failures_as(BundleError, f"bundle {bundle.name}"):
            some = run(equalize(np.ascontiguousarray(faces[part]), preprocess))
        expected = output.logits[part].shape
        check_probabilities(some.probabilities, expected, bundle.name)
        check_logits(some.logits, expected, bundle.name)
        output.probabilities[part], output.logits[part] = some
    return output


def _require_faces(faces: NDArray[np.uint8], metadata: BundleMetadata) -> None:
    shape = metadata.input_shape
    if not (isinstance(faces, np.ndarray) and faces.dtype == np.uint8 and faces.shape[1:] == shape):
        found = f"{faces.dtype} {faces.shape}" if isinstance(faces, np.ndarray) else type(faces).__name__
        expected = ", ".join(map(str, shape))
        raise BundleError(f"bundle {metadata.name}: expected faces as uint8 (n, {expected}), got {found}")
