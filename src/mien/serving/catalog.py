"""The bundles and detectors of a server: opened on first use, chosen by name."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from mien.bundles.metadata import BundleMetadata
from mien.bundles.reading import Bundle, read_bundle
from mien.detection.base import Detector
from mien.detection.factory import DETECTORS, make_detector
from mien.detection.options import DetectorOptions
from mien.detection.selection import SelectingDetector, Selection
from mien.errors import MienError
from mien.recognition.components import Classifier, Components
from mien.recognition.engines.base import Engine
from mien.recognition.engines.factory import ENGINES, make_engine
from mien.serving.options import ServerOptions
from mien.serving.problems import Problem, without_folders

T = TypeVar("T")

CROPPED: Final = "whole"
"""Detector of images that are one face each."""

RETRY_SECONDS: Final = 10
"""Seconds after which opening is tried again; a download that fails takes long."""

WITHOUT_MODEL: Final = frozenset({"mtcnn", CROPPED})
"""Detectors to which the file of YuNet isn't given."""


@dataclass(frozen=True)
class Choice:
    """What a request chooses.

    Attributes:
        bundle: Name of a bundle of the server; None is its default.
        detector: Name of a detector of the server; None is its default.
        threshold: A face whose confidence is below this value, 0 to 1, is uncertain; None is that of the
            bundle.
        selection: Which of the detected faces are returned.
        cropped: Each image is one face; no detector runs.
    """

    bundle: str | None = None
    detector: str | None = None
    threshold: float | None = None
    selection: Selection = field(default_factory=Selection)
    cropped: bool = False


class _FailedToOpen(NamedTuple):
    """When a bundle or a detector could not be opened, and why."""

    time: float
    message: str


class Names(NamedTuple):
    """The names of a bundle and of a detector."""

    bundle: str
    detector: str


class Catalog:
    """Opens the bundles and detectors of a server. Thread-safe.

    Only names that the server was started with are known, so a client can't have a file opened.

    Args:
        options: Of the server.
        notice: Called with a line that the operator may want to know.

    Raises:
        MienError: A bundle can't be read, or two have the same name.
    """

    def __init__(self, options: ServerOptions, notice: Callable[[str], None]) -> None:
        self._options, self._notice = options, notice
        self._lock = threading.Lock()
        self._bundles = _by_name(options.bundles)
        self._engines: dict[str, Engine] = {}
        self._detectors: dict[str, Detector] = {}
        self._failed: dict[str, _FailedToOpen] = {}

    @property
    def bundles(self) -> Mapping[str, BundleMetadata]:
        """Metadata of the bundles by name; the first is the default."""
        return {name: bundle.metadata for name, bundle in self._bundles.items()}

    @property
    def detectors(self) -> Sequence[str]:
        """Names of the detectors; the first is the default."""
        return self._options.detectors

    def names(self, choice: Choice) -> Names:
        """Return the names of the bundle and the detector of a request, with the defaults filled in.

        Raises:
            Problem: There is no such bundle or detector.
        """
        return Names(
            _known("bundle", choice.bundle, list(self._bundles)),
            CROPPED if choice.cropped else _known("detector", choice.detector, self.detectors),
        )

    def components(self, choice: Choice) -> Components:
        """Return the detector and the classifier for a request.

        Raises:
            Problem: There is no such bundle or detector, or it can't be opened.
        """
        name, detector_name = self.names(choice)
        detector = self._detector(detector_name)
        metadata = self._bundles[name].metadata
        threshold = metadata.default_threshold if choice.threshold is None else choice.threshold
        classifier = Classifier(metadata, self._engine(name), threshold)
        return Components(SelectingDetector(detector, choice.selection), classifier, self._options.threads)

    def _engine(self, name: str) -> Engine:
        options = self._options
        return self._once(
            self._engines, name, lambda: make_engine(self._bundles[name], options.engine, options.threads)
        )

    def _detector(self, name: str) -> Detector:
        given = self._options
        options = DetectorOptions(offline=given.offline, notice=self._notice)
        if name not in WITHOUT_MODEL:
            options = replace(options, model=given.detector_model, digest=given.detector_digest)
        return self._once(self._detectors, name, lambda: make_detector(name, options))

    def _once(self, opened: dict[str, T], name: str, make: Callable[[], T]) -> T:
        """Return what is opened; open it first if it isn't, but not soon after that failed."""
        with self._lock:
            if name in opened:
                return opened[name]
            failed = self._failed.get(name)
            if failed is None or time.monotonic() - failed.time > RETRY_SECONDS:
                try:
                    opened[name] = make()
                except MienError as error:
                    self._notice(str(error))
                    self._failed[name] = failed = _FailedToOpen(time.monotonic(), str(error))
                else:
                    return opened[name]
        raise Problem("unavailable", without_folders(failed.message), retry_after=RETRY_SECONDS)


def require_names(options: ServerOptions) -> None:
    """Check the names of detectors and of the engine.

    Raises:
        MienError: There is none of a name.
    """
    for registry, names in ((DETECTORS, options.detectors), (ENGINES, (options.engine,))):
        for name in names:
            if name not in registry:
                raise MienError(registry.unknown(name))


def require_bundles(options: ServerOptions) -> None:
    """Raise a MienError if a bundle of a server can't be read."""
    _by_name(options.bundles)


def _by_name(words: Sequence[str]) -> dict[str, Bundle]:
    """Open bundles; those from files get the name of their file, without its ending and folder."""
    found: dict[str, Bundle] = {}
    for word in words:
        name = Path(word).stem
        if name in found:
            raise MienError(f"{word}: there is already a bundle {name!r}; rename the file")
        found[name] = read_bundle(word)
    return found


def _known(noun: str, name: str | None, names: Sequence[str]) -> str:
    """Return a name that the server knows; the first for None."""
    if name is None:
        return names[0]
    if name not in names:
        raise Problem("invalid-request", f"{noun} {name!r}: expected one of {', '.join(names)}")
    return name
