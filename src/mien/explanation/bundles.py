"""A bundle as a model that can be explained; neither torch nor the run that it was made from is needed."""

from dataclasses import replace
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from mien.bundles.metadata import INPUT, PROBABILITIES
from mien.bundles.outputs import check_probabilities
from mien.bundles.reading import Bundle
from mien.config.data import Preprocess
from mien.errors import BundleError
from mien.explanation.base import Model, Predict
from mien.runtime.failures import failures_as
from mien.runtime.opening import open_graph
from mien.transforms.preprocess import equalize

LEAST_VALUES: Final = 16
"""Of a weight that is shuffled: smaller constants are shapes, scales and kernels of fixed filters."""


def model_of_bundle(bundle: Bundle, predict: Predict | None = None, *, threads: int | None = None) -> Model:
    """Return a bundle as a model.

    Args:
        bundle: The bundle.
        predict: Returns its probabilities, if an engine runs it already.
        threads: Of ONNX Runtime otherwise; one per core by default.

    Raises:
        BundleError: Its graph can't be run.
    """
    metadata = bundle.metadata
    return Model(
        bundle.name,
        metadata.classes,
        metadata.input_shape,
        predict or _opened(bundle, threads),
        randomize=lambda seed: model_of_bundle(randomized(bundle, seed), threads=threads),
    )


def randomized(bundle: Bundle, seed: int) -> Bundle:
    """Return a bundle in which the values of each weight tensor are shuffled; it has no valid seal.

    Args:
        bundle: The bundle, in float32 or int8.
        seed: Of the shuffle.
    """
    model = onnx.load_from_string(bundle.content)
    rng = np.random.default_rng(seed)
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.ndim > 1 and values.size >= LEAST_VALUES and values.dtype != np.int64:
            shuffled = rng.permutation(values.reshape(-1)).reshape(values.shape)
            weight.CopyFrom(numpy_helper.from_array(shuffled, weight.name))
    return replace(bundle, content=model.SerializeToString(), path=None)


def _opened(bundle: Bundle, threads: int | None) -> Predict:
    with failures_as(BundleError, f"bundle {bundle.name}"):
        graph = open_graph(bundle.content, engine="onnx", threads=threads)
    preprocess = Preprocess(clahe=bundle.metadata.clahe)

    def predict(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        found = np.empty((len(faces), len(bundle.metadata.classes)), np.float32)
        for start in range(0, len(faces), bundle.batch):
            part = slice(start, start + bundle.batch)
            with failures_as(BundleError, f"bundle {bundle.name}"):
                some = graph.run({INPUT: equalize(faces[part], preprocess)}, [PROBABILITIES])[PROBABILITIES]
            check_probabilities(some, found[part].shape, bundle.name)
            found[part] = some
        return found

    return predict
