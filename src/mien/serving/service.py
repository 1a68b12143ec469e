"""Recognition for concurrent requests: threads search the images, and their faces are classified together."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mien.detection.provided.boxes import ProvidedBoxes
from mien.errors import MienError
from mien.media.images.reading import TRUNCATED_REMEDY
from mien.recognition.components import Components
from mien.recognition.detect_and_crop import DetectedImage, detect_and_crop
from mien.recognition.engines.base import Engine
from mien.recognition.face import Result
from mien.recognition.sources.items import Failure, ImageItem
from mien.runtime.threads import thread_count
from mien.serving.admission import Admission
from mien.serving.batching import Batcher
from mien.serving.catalog import Catalog, Choice
from mien.serving.explaining import COST, FaceQuestion, explain_face
from mien.serving.metrics import Metrics
from mien.serving.options import ServerOptions
from mien.serving.problems import Problem, internal_error
from mien.serving.uploads import Upload

_log = logging.getLogger("mien")

T = TypeVar("T")

MAX_CHOICES: Final = 128
"""Combinations of a bundle, a detector and options that are kept; each takes less than a kilobyte."""


class Recognized(NamedTuple):
    """The answer to a request: names of the bundle and the detector, and a result for each image."""

    bundle: str
    detector: str
    results: Sequence[Result | Failure]


class RecognitionService:
    """Recognizes the images of requests. Its coroutines belong to one event loop.

    Args:
        options: Of the server.
        metrics: Counts what is done.
        notice: Called with a line that the operator may want to know.

    Attributes:
        catalog: The bundles and detectors.
        admission: Images that are processed or wait.
        metrics: As given.

    Raises:
        MienError: A bundle can't be read.
    """

    def __init__(self, options: ServerOptions, metrics: Metrics, notice: Callable[[str], None]) -> None:
        self.catalog = Catalog(options, notice)
        self.admission = Admission(options.limits.pending_images, "images")
        self.metrics = metrics
        threads = thread_count(options.threads)
        self._executor = ThreadPoolExecutor(threads, "recognize")
        self._live_executor = ThreadPoolExecutor(threads, "live")
        self._opened: dict[Choice, Components] = {}
        self._batchers: dict[Engine, Batcher] = {}

    def close(self) -> None:
        """End the threads; what is queued is canceled."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._live_executor.shutdown(wait=True, cancel_futures=True)

    async def components(self, choice: Choice) -> Components:
        """Return the detector and the classifier for a request; see `Catalog.components`.

        Those of recent requests are returned at once: a thread would open them behind the waiting images.
        """
        found = self._opened.get(choice)
        if found is None:
            found = await self.run(partial(self.catalog.components, choice))
            if len(self._opened) >= MAX_CHOICES:
                self._opened.clear()
            self._opened[choice] = found
        return found

    async def images(
        self, uploads: Sequence[Upload], choice: Choice, boxes: ProvidedBoxes | None = None
    ) -> Recognized:
        """Return a result, or why it can't be read, for each image, in order.

        Raises:
            Problem: The queue is full, or there is no such bundle or detector.
        """
        with self.admission.holding(len(uploads)), self._pending(len(uploads)):
            components = await self.components(choice)
            tasks = [self._image(components, one, boxes) for one in uploads]
            results = await asyncio.gather(*tasks)
        return Recognized(self.catalog.names(choice).bundle, components.detector.name, results)

    async def explanation(self, upload: Upload, choice: Choice, question: FaceQuestion) -> dict[str, Any]:
        """Return the map of a face of an image, with the names of the bundle and the detector.

        Raises:
            Problem: The queue is full, the image can't be read or has no face, or there is no such class,
                method, bundle or detector.
        """
        with self.admission.holding(COST):
            components = await self.components(choice)
            item = ImageItem(upload.name, upload.content)
            try:
                found = await self.run(partial(self._explain, components, item, question))
            except MienError as error:
                raise Problem("unreadable-image", _failure(upload.name, error).message) from error
        names = {"bundle": self.catalog.names(choice).bundle, "detector": components.detector.name}
        return names | found

    def _explain(self, components: Components, item: ImageItem, question: FaceQuestion) -> dict[str, Any]:
        with self.metrics.stage("explain"):
            return explain_face(components, item, question)

    async def _image(
        self, components: Components, upload: Upload, boxes: ProvidedBoxes | None
    ) -> Result | Failure:
        item = ImageItem(upload.name, upload.content)
        try:
            image, crops = await self.run(partial(self._detect, components, item, boxes))
            probabilities = await self._batcher(components)(crops) if len(crops) else np.empty((0, 0))
        except MienError as error:
            self.metrics.images.labels("unreadable").inc()
            return _failure(upload.name, error)
        except Exception as error:  # noqa: BLE001 - the other images of the request are answered
            _log.exception("an image failed")
            self.metrics.images.labels("failed").inc()
            return Failure(upload.name, f"{upload.name}: {internal_error(error).detail}")
        faces = components.classifier.faces(image.detections, probabilities)
        self.metrics.images.labels("recognized").inc()
        self.metrics.faces.inc(len(faces))
        return image.result(faces)

    @contextmanager
    def _pending(self, images: int) -> Iterator[None]:
        self.metrics.pending.inc(images)
        try:
            yield
        finally:
            self.metrics.pending.dec(images)

    def _detect(
        self, components: Components, item: ImageItem, boxes: ProvidedBoxes | None
    ) -> tuple[DetectedImage, NDArray[np.uint8]]:
        with self.metrics.stage("detect"):
            return detect_and_crop(components, item, boxes=boxes)

    def _batcher(self, components: Components) -> Batcher:
        """Return the batcher of a bundle: all requests for it share one, as they share its engine."""
        engine = components.classifier.engine
        if engine not in self._batchers:
            classify = partial(self._classify, components)
            self._batchers[engine] = Batcher(classify, self._executor, observe=self.metrics.batches.observe)
        return self._batchers[engine]

    def _classify(self, components: Components, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        with self.metrics.stage("classify"):
            return components.classifier.probabilities(crops)

    async def run_frame(self, call: Callable[[], T]) -> T:
        """Return what a call for a live frame returns, in a thread of its own: it passes images that wait."""
        return await asyncio.get_running_loop().run_in_executor(self._live_executor, call)

    async def run(self, call: Callable[[], T]) -> T:
        """Return what a call returns that computes, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)


def _failure(name: str, error: MienError) -> Failure:
    """Return why an image can't be read; clients have no options of decoding."""
    failure = Failure.of(name, error)
    return replace(failure, message=failure.message.replace(TRUNCATED_REMEDY, "save or copy it again"))
