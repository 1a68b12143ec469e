"""The protocol of an engine: a runtime for the graph of a bundle."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.bundles.reading import Bundle
from mien.errors import MienError


class EngineOutput(NamedTuple):
    """Predictions of a bundle for n faces."""

    probabilities: NDArray[np.float32]
    """(n, classes), calibrated; each row sums to 1."""
    logits: NDArray[np.float32]
    """(n, classes), before calibration."""


class Engine(Protocol):
    """Runs a bundle. Any object with these attributes is an engine; calling it must be thread-safe.

    Optional is `multiple`, a number: the bits of the predictions for a face do not depend on the other faces
    of a batch if their number is a multiple of it. The pipeline fills up batches accordingly.

    `mien.load(engine=...)` takes such an object. A package adds an engine by name with an entry point
    of the group "mien.engines", which refers to an `EngineFactory`.
    """

    @property
    def name(self) -> str:
        """The name that `mien.load` and the commands know it by."""
        ...

    def __call__(self, faces: NDArray[np.uint8], /) -> EngineOutput:
        """Return the predictions for faces: uint8, (n, size, size) or (n, size, size, 3); n may be 0.

        The engine applies CLAHE first if the metadata of the bundle names it.
        """
        ...


@dataclass(frozen=True)
class EngineOptions:
    """Options of `mien.load` that concern the engine.

    Attributes:
        threads: Threads of one call; None is one per usable core.
        device: "cpu", or another device that the engine knows, such as "cuda" or "cuda:1".
    """

    threads: int | None = None
    device: str = "cpu"


EngineFactory = Callable[[Bundle, EngineOptions], Engine]
"""Returns an engine that runs a bundle; raises `BundleError` if it can't."""


def require_engine(engine: object) -> None:
    """Check that an object has what the protocol of an engine requires.

    Raises:
        MienError: It has not.
    """
    if isinstance(engine, type) or not callable(engine) or not hasattr(engine, "name"):
        raise MienError(
            f"engine: {_named(engine)}, expected a name or an object of the protocol "
            "mien.recognition.engines.base.Engine, with name and __call__"
        )


def _named(given: object) -> str:
    if isinstance(given, type):
        return f"the class {given.__name__}"
    return f"an object of type {type(given).__name__}"
