"""The options that a factory of detectors gets."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mien.detection.base import Detector
from mien.errors import DetectorError

_log = logging.getLogger("mien")


@dataclass(frozen=True)
class DetectorOptions:
    """Options of `mien.load` that concern the detector.

    Attributes:
        model: File of the detector's model; None if the detector finds its own.
        digest: SHA-256 of `model` in hexadecimal digits, or its first twelve or more: the file must have it,
            and may be another one than the detector was tested with.
        offline: Download nothing.
        notice: Called with one line that the user may want to know, such as that a file was downloaded; by
            default a warning of the logger "mien".
        threads: Threads of one call of the detector. Calls of several threads run at a time, which is faster:
            two threads double the CPU time of a network as small as YuNet.
        threshold: Lowest score of a face, 0 to 1; None is that of the detector. A detector lowers its own
            threshold by it; higher values need no support, since faces are selected afterwards.
    """

    model: Path | None = None
    offline: bool = False
    notice: Callable[[str], None] = _log.warning
    threads: int = 1
    threshold: float | None = None
    digest: str | None = None

    def lowered(self, threshold: float) -> float:
        """Return the threshold of a detector, lowered if lower scores are requested."""
        return threshold if self.threshold is None else min(threshold, self.threshold)

    def require_no_model(self, name: str) -> None:
        """Check that no model is given to a detector that has none.

        Args:
            name: Name of the detector.

        Raises:
            DetectorError: A model or its digest is given.
        """
        given = self.model or self.digest
        if given is not None:
            raise DetectorError(
                f"{given}: a detector model is for yunet, not for {name}; leave one of them out"
            )


DetectorFactory = Callable[[DetectorOptions], Detector]
"""Returns a detector; raises `DetectorError` if it is not available."""
