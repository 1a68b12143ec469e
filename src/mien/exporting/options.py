"""The options of an export."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mien.evaluation.calibration.methods import AUTO
from mien.faceset import FaceSet

Data = str | Path | FaceSet
"""A data set, or where to read it."""

Notice = Callable[[str], None]
"""Receives one line of progress, such as a metric of the new bundle."""


@dataclass(frozen=True)
class ExportOptions:
    """What an export does beside converting.

    Attributes:
        int8: Quantize the components that are still in float32.
        tta: Put the test-time augmentation of the recipes into the graph.
        flip: Put the horizontal flip into the graph, and no other view.
        blur: Blur the faces first, as bilinear resampling did in training (`mien.transforms.tta`).
        data: The data set of the training; None reads it from where the runs found it.
        calibration: Method of calibration, of `mien.evaluation.calibration.methods.CHOICES`.
        logit_adjustment: Exponent of logit adjustment, 0 to 1; see `fit_calibration`.
        name: Name of the bundle; None derives it from the file or the run.
    """

    int8: bool = False
    tta: bool = False
    flip: bool = False
    blur: bool = False
    data: Data | None = None
    name: str | None = None
    calibration: str = AUTO
    logit_adjustment: float = 0

    @property
    def tta_names(self) -> tuple[str, ...]:
        """Names of the requested options of test-time augmentation."""
        requested = {"tta": self.tta, "flip": self.flip, "blur": self.blur}
        return tuple(name for name, value in requested.items() if value)
