"""What all methods share: the model that is explained, and the protocol of a method."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError

if TYPE_CHECKING:
    from mien.explanation.networks import Network

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Faces uint8 (n, *input_shape) to probabilities float32 (n, classes)."""

Maps = NDArray[np.float32]
"""Saliency, float32 (n, k, size, size): k classes of each of n faces."""


@dataclass(frozen=True, eq=False)
class Model:
    """A classifier of faces, as the methods use it.

    Attributes:
        name: In errors and titles.
        classes: Names of the classes.
        input_shape: Of one face, (size, size) for gray or (size, size, 3) for RGB.
        predict: Returns the probabilities of faces.
        network: The torch network, for methods that need gradients; None for a bundle.
        randomize: Returns the same model with randomized weights, given a seed; None if it can't.
    """

    name: str
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    predict: Predict
    network: "Network | None" = None
    randomize: "Callable[[int], Model] | None" = None

    @property
    def size(self) -> int:
        """Height and width of the faces in pixels."""
        return self.input_shape[0]


class Method(Protocol):
    """Computes saliency maps. An object of this protocol is made by calling an entry of the registry."""

    needs_network: ClassVar[bool]
    """Whether the model needs a torch network."""

    unit: ClassVar[str]
    """What a number of a map is, for legends."""

    def __call__(
        self, model: Model, faces: NDArray[np.uint8], targets: NDArray[np.int64], /
    ) -> NDArray[np.float32]:
        """Return the maps of faces, float32 (n, k, size, size).

        A positive number supports the class, a negative one speaks against it.

        Args:
            model: What is explained.
            faces: uint8, (n, *input_shape); n may be 0.
            targets: int64, (n, k): the classes that are explained, by their position.
        """
        ...


def require_targets(model: Model, faces: NDArray[np.uint8], targets: NDArray[np.int64]) -> None:
    """Check the arguments of a method.

    Raises:
        MienError: The faces or the targets have another shape, or there is no such class.
    """
    if faces.dtype != np.uint8 or faces.shape[1:] != model.input_shape:
        raise MienError(
            f"{model.name}: faces {faces.dtype} {faces.shape}, expected uint8 (n, "
            f"{', '.join(map(str, model.input_shape))})"
        )
    if targets.ndim != 2 or len(targets) != len(faces):
        raise MienError(f"targets of the shape {targets.shape}, expected ({len(faces)}, classes to explain)")
    if targets.size and not (targets.min() >= 0 and targets.max() < len(model.classes)):
        raise MienError(f"targets: expected numbers of classes, 0 to {len(model.classes) - 1}")


def picked(probabilities: NDArray[np.floating], targets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the probabilities (n, ..., classes) of the targets (n, k), as (n, ..., k)."""
    between = (1,) * (probabilities.ndim - 2)
    index = targets.reshape(len(targets), *between, targets.shape[1])
    index = np.broadcast_to(index, (*probabilities.shape[:-1], targets.shape[1]))
    return np.take_along_axis(probabilities, index, axis=-1).astype(np.float64)
