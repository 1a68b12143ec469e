"""The graph of a bundle as a function from faces to probabilities. It runs on ONNX Runtime, without torch."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT, PROBABILITIES
from mien.bundles.outputs import check_probabilities
from mien.bundles.reading import Bundle
from mien.config.data import Preprocess
from mien.errors import BundleError
from mien.runtime.failures import failures_as
from mien.runtime.opening import open_graph
from mien.transforms.preprocess import equalize


def bundle_predictor(
    bundle: Bundle, *, threads: int | None = None
) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """Return a function from faces to the calibrated probabilities of a bundle.

    It takes any number of faces, uint8 (n, *input_shape), not equalized, and returns float32 (n, classes). It
    raises BundleError if the graph can't be run, or returns something else.

    Args:
        bundle: The bundle.
        threads: Of ONNX Runtime; one per core by default.

    Raises:
        BundleError: The graph can't be run.
    """
    preprocess = Preprocess(clahe=bundle.metadata.clahe)
    with failures_as(BundleError, f"bundle {bundle.name}"):
        graph = open_graph(bundle.content, engine="onnx", threads=threads)

    def predict(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        probabilities = np.empty((len(faces), len(bundle.metadata.classes)), np.float32)
        for start in range(0, len(faces), bundle.batch):
            part = slice(start, start + bundle.batch)
            with failures_as(BundleError, f"bundle {bundle.name}"):
                found = graph.run({INPUT: equalize(faces[part], preprocess)}, [PROBABILITIES])[PROBABILITIES]
            check_probabilities(found, probabilities[part].shape, bundle.name)
            probabilities[part] = found
        return probabilities

    return predict
