"""The time that a system takes to classify a face, without reading images and detecting faces."""

import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.openmp import import_torch
from mien.training.run_folder.run import RunFolder

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
