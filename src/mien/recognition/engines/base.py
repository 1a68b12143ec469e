"""What an engine is: whatever runs a bundle's graph."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Answers(NamedTuple):
    """What a bundle says about n faces."""

    probabilities: NDArray[np.float32]
    """(n, classes), calibrated, rows sum to 1."""
    logits: NDArray[np.float32]
    """(n, classes), before calibration."""


class Engine(Protocol):
    """Runs a bundle. Calling it is thread-safe."""

    name: str
    """As `--engine` calls it: "onnx" or "openvino"."""

    def __call__(self, faces: NDArray[np.uint8]) -> Answers:
        """Return the answers for faces (n, side, side), gray; n may be 0.

        CLAHE, where the bundle's metadata names one, is applied here.
        """
        ...
