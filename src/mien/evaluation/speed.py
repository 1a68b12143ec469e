"""The time that a system takes to classify a face, without reading images and detecting faces."""

import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT
from mien.bundles.reading import Bundle
from mien.config.data import Preprocess
from mien.errors import BundleError, MienError
from mien.openmp import import_torch
from mien.runtime.failures import failures_as
from mien.runtime.opening import open_graph
from mien.training.run import RunFolder
from mien.transforms.preprocess import equalize

Images = NDArray[np.uint8]
Predictor = Callable[[Images], object]

BATCH: Final = 16
LEAST_SECONDS: Final = 0.3
LEAST_CALLS: Final = 3


def milliseconds_per_face(predict: Predictor, images: Images) -> float:
    """Return the median time per face of several calls with `BATCH` faces, after one that is not measured.

    Args:
        predict: What is measured.
        images: (n, ...), one or more; repeated if there are fewer than `BATCH`.
    """
    batch = np.resize(images[:BATCH], (BATCH, *images.shape[1:]))
    predict(batch)
    seconds: list[float] = []
    while len(seconds) < LEAST_CALLS or sum(seconds) < LEAST_SECONDS:
        start = time.perf_counter()
        predict(batch)
        seconds.append(time.perf_counter() - start)
    return 1000 * float(np.median(seconds)) / BATCH


def bundle_predictor(bundle: Bundle) -> Predictor:
    """Return a function that runs the graph of a bundle on ONNX Runtime.

    Raises:
        BundleError: The graph can't be run.
    """
    preprocess = Preprocess(clahe=bundle.metadata.clahe)
    with failures_as(BundleError, f"bundle {bundle.name}"):
        graph = open_graph(bundle.content, engine="onnx")

    def predict(images: Images) -> None:
        for start in range(0, len(images), bundle.batch):
            graph.run({INPUT: equalize(images[start : start + bundle.batch], preprocess)})

    return predict


def run_predictor(run: RunFolder, *, tta: bool = False, device: str = "auto") -> Predictor | None:
    """Return a function that runs the network of a run; None if torch or the checkpoint is missing."""
    try:
        import_torch()
        from mien.training.devices import choose_device
        from mien.training.inference import probabilities, read_network

        network = read_network(run).to(choose_device(device))
        preprocess, views = run.recipe.preprocess, run.recipe.tta if tta else None
    except (ImportError, MienError):
        return None
    return lambda images: probabilities(network, images, preprocess, views)
