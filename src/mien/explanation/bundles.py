"""A bundle as a model that can be explained; neither torch nor the run that it was made from is needed."""

from dataclasses import replace
from typing import Final

import numpy as np
import onnx
from onnx import numpy_helper

from mien.bundles.reading import Bundle
from mien.explanation.base import Model, Predict
from mien.models.bundle_predictor import bundle_predictor

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
        predict or bundle_predictor(bundle, threads=threads),
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
