"""`Explanation`: the maps of faces as data that can be plotted and written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.explanation.base import Maps
from mien.explanation.checks import MapChecks
from mien.explanation.regions import Part, describe, parts_of
from mien.optional import import_optional
from mien.text import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Saliency maps of n faces for k classes each. `mien.explain` returns one.

    Attributes:
        model: Name of the bundle or the run.
        method: Name of the method.
        unit: What a number of a map is.
        classes: Names of all classes of the model.
        sources: Path or name of the image of each face, n of them.
        boxes: float64 (n, 4): left, top, width and height of each face, in pixels of its image.
        crops: uint8 (n, size, size) or (n, size, size, 3): the faces as the model gets them.
        views: uint8 (n, side, side) or (n, side, side, 3): the same squares in more pixels, for display.
        probabilities: float32 (n, classes).
        targets: int64 (n, k): the explained classes, by their position in `classes`.
        maps: float32 (n, k, size, size): positive numbers support the class.
        checks: How faithful the maps are, if that was requested.
        failures: Why images could not be read, one line each.
    """

    model: str
    method: str
    unit: str
    classes: tuple[str, ...]
    sources: tuple[str, ...]
    boxes: NDArray[np.float64]
    crops: NDArray[np.uint8]
    views: tuple[NDArray[np.uint8], ...]
    probabilities: NDArray[np.float32]
    targets: NDArray[np.int64]
    maps: Maps
    checks: MapChecks | None = None
    failures: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.sources)

    def __repr__(self) -> str:
        faces = counted(len(self), "face")
        return f"<Explanation of {self.model!r} by {self.method}: {faces}, maps {self.maps.shape}>"

    @property
    def labels(self) -> tuple[str, ...]:
        """The most probable class of each face."""
        return tuple(self.classes[at] for at in self.probabilities.argmax(axis=1).tolist())

    def explained(self, face: int) -> Iterator[tuple[str, float, NDArray[np.float32]]]:
        """Yield each explained class of a face, its probability, and its map (size, size)."""
        for target, saliency in zip(self.targets[face].tolist(), self.maps[face], strict=True):
            yield self.classes[target], float(self.probabilities[face, target]), saliency

    def parts(self, face: int, which: int = 0) -> list[Part]:
        """Return the parts of the face by the saliency in them, the highest mean first.

        Args:
            face: Number of the face, from 0.
            which: Number of the explained class, from 0.
        """
        return parts_of(self.maps[face, which])

    def describe(self, face: int, which: int = 0) -> str:
        """Return the most salient parts in words, such as "mouth corners, cheeks"; "" if none stands out."""
        return describe(self.maps[face, which])

    def plot(self) -> "Figure":
        """Return a figure with a row for each face: the face, its maps, and its probabilities.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        figure: Figure = import_optional("mien.explanation.plots", "report").plot_explanation(self)
        return figure

    def save(self, path: str | Path) -> Path:
        """Write the explanation to a file, whose ending selects the format, and return its path.

        Args:
            path: `.png` is the figure, `.html` one page that needs no other file, `.npz` the arrays.

        Raises:
            MienError: The ending is another one, or the file can't be written.
            MissingExtraError: matplotlib or Jinja2 is not installed.
        """
        from mien.explanation.writing import write

        return write(self, path)

    def _repr_html_(self) -> str:
        """Return the faces with their maps for a notebook."""
        cards: str = import_optional("mien.explanation.page", "report").cards_of(self)
        return cards
