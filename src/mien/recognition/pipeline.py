"""Many images: read, searched and cropped by threads, classified in batches, returned in order.

    items -> tasks -> detect and crop (threads, ahead) -> batches of crops -> network -> Result, Failure

The tasks that are ahead are bounded, in images and in pixels, so memory grows neither with the number
of files nor with their size.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.provided.boxes import ProvidedBoxes
from mien.errors import MienError
from mien.media.images.pixels import with_channels
from mien.media.images.sizes import pixels_of
from mien.recognition.components import Classifier, Components
from mien.recognition.detect_and_crop import DetectedImage, detect_and_crop
from mien.recognition.face import Face, Result
from mien.recognition.sharding.shard import Shard
from mien.recognition.sources.items import FaceRows, Failure, ImageItem
from mien.runtime.threads import thread_count

MIN_BATCH: Final = 64
"""Faces from which on a batch is classified."""

MAX_WAIT: Final = 0.5
"""Seconds that a face waits for others at most, so that slow machines show results, too."""

MAX_TASKS: Final = 128
"""Tasks that are ahead, at most; with a single thread none is, so that it rests while the caller computes."""

MAX_PIXELS: Final = 24_000_000
"""Pixels of images that are ahead at a time, for each thread; 72 MB."""

MAX_AHEAD: Final = 4 * MAX_PIXELS
"""The same for any number of threads: 288 MB, or 672 MB while all of them are decoded."""

ROWS_PER_TASK: Final = 256
"""FaceRows of a data set in one task; they are cropped already."""


@dataclass(frozen=True, eq=False)
class CroppedImages:
    """The outcome of one task.

    Attributes:
        images: The images in order, or why one could not be read.
        crops: uint8, (n, size, size) or (n, size, size, 3); their faces in order.
    """

    images: Sequence[DetectedImage | Failure]
    crops: NDArray[np.uint8]


def recognize_images(
    components: Components,
    items: Iterable[ImageItem | FaceRows | Failure],
    *,
    workers: int | None = None,
    keep_images: bool = False,
    boxes: ProvidedBoxes | None = None,
    shard: Shard | None = None,
) -> Generator[Result | Failure, None, None]:
    """Yield a result for each image and each row, in order; a failure for what can't be read.

    Args:
        components: The detector and the classifier.
        items: Consumed one by one, a little ahead of the results.
        workers: Threads that read, detect and crop; those of `components` by default.
        keep_images: Put the images into the results.
        boxes: Boxes of images that need no detector.
        shard: The part of the items to recognize, by their names; all by default.
    """
    items = items if shard is None else _of_shard(items, shard)
    threads = thread_count(components.threads if workers is None else workers)
    limit = min(MAX_PIXELS * threads, MAX_AHEAD)
    step = partial(detect_and_crop, components, boxes=boxes, keep_image=keep_images)
    classifier = components.classifier
    tasks = (task for item in items for task in _tasks(item, classifier, step, keep_images=keep_images))
    with (
        closing(_ahead(tasks, threads, limit, keep_images=keep_images)) as cropped,
        closing(_batches(cropped, limit)) as batches,
    ):
        for batch in batches:
            yield from _classified(classifier, batch)
            batch.clear()  # frees its images before the next ones are gathered


def _of_shard(
    items: Iterable[ImageItem | FaceRows | Failure], shard: Shard
) -> Iterator[ImageItem | FaceRows | Failure]:
    """Yield the items of a shard, and the rows of a shard."""
    for item in items:
        if isinstance(item, FaceRows):
            yield item.where([shard.contains(source) for source in item.sources])
        elif shard.contains(item.source):
            yield item


_Step = Callable[[ImageItem], tuple[DetectedImage, NDArray[np.uint8]]]


class _Task(NamedTuple):
    run: Callable[[], CroppedImages]
    pixels: int
    """Pixels that it holds in memory while it runs."""


class _Running(NamedTuple):
    future: Future[CroppedImages]
    pixels: int


def _tasks(
    item: ImageItem | FaceRows | Failure, classifier: Classifier, step: _Step, *, keep_images: bool
) -> Iterator[_Task]:
    """Yield the tasks of an item."""
    if isinstance(item, ImageItem):
        yield _Task(partial(_crop_or_fail, step, item, classifier), pixels_of(item.content))
    elif isinstance(item, Failure):
        yield _Task(partial(CroppedImages, (item,), classifier.no_crops()), 0)
    else:
        for start in range(0, len(item), ROWS_PER_TASK):
            part = slice(start, start + ROWS_PER_TASK)
            rows = FaceRows(item.sources[part], item.faces[part])
            yield _Task(partial(_whole_faces, rows, classifier, keep_images=keep_images), rows.faces.size)


def _crop_or_fail(step: _Step, item: ImageItem, classifier: Classifier) -> CroppedImages:
    try:
        image, crops = step(item)
    except MienError as error:
        return CroppedImages((Failure.of(item.source, error),), classifier.no_crops())
    return CroppedImages((image,), crops)


def _whole_faces(rows: FaceRows, classifier: Classifier, *, keep_images: bool) -> CroppedImages:
    height, width = rows.faces.shape[1:3]
    detections = (Detection(Box(0.0, 0.0, float(width), float(height)), 1.0),)
    images = [
        DetectedImage(
            source, width, height, detections, with_channels(face, 3) if keep_images else None, Framing()
        )
        for source, face in zip(rows.sources, rows.faces, strict=True)
    ]
    return CroppedImages(images, classifier.inputs(rows.faces))


def _ahead(
    tasks: Iterable[_Task], threads: int, limit: int, *, keep_images: bool
) -> Generator[CroppedImages | None, None, None]:
    """Run the next tasks in threads while one is consumed; yield their outcomes in order.

    Yields None each time that the next outcome takes long.
    """
    pool = ThreadPoolExecutor(threads, "detect")
    most = MAX_TASKS if threads > 1 else 1
    running: deque[_Running] = deque()
    is_waiting = True
    try:
        for task in tasks:
            while len(running) >= most or _is_full(running, task.pixels, limit, keep_images=keep_images):
                yield from _awaited(running.popleft().future)
            running.append(_Running(pool.submit(task.run), task.pixels))
        while running:
            yield from _awaited(running.popleft().future)
    except KeyboardInterrupt:
        is_waiting = False  # a thread may wait for input that never comes
        raise
    finally:
        pool.shutdown(wait=is_waiting, cancel_futures=True)


def _awaited(future: Future[CroppedImages]) -> Iterator[CroppedImages | None]:
    """Yield the outcome of a task, and before it None each time that it takes long, as for a pipe."""
    while not future.done() and not wait((future,), MAX_WAIT).done:
        yield None
    yield future.result()


def _is_full(running: Sequence[_Running], pixels: int, limit: int, *, keep_images: bool) -> bool:
    """Whether a task with this number of pixels must wait; an image that is kept counts to the end."""
    held = sum(one.pixels for one in running if keep_images or not one.future.done())
    return held > 0 and held + pixels > limit


def _batches(
    cropped: Iterable[CroppedImages | None], limit: int
) -> Generator[list[CroppedImages], None, None]:
    """Gather crops until a batch is full, holds many pixels, or has waited long enough."""
    batch: list[CroppedImages] = []
    began = 0.0
    for one in cropped:
        if one is None:
            if batch:
                yield batch
            batch = []
            continue
        began = began if batch else time.monotonic()
        batch.append(one)
        waited = time.monotonic() - began > MAX_WAIT
        if waited or len(batch) == MAX_TASKS or _faces(batch) >= MIN_BATCH or _kept(batch) > limit:
            yield batch
            batch = []
    yield batch


def _faces(batch: Sequence[CroppedImages]) -> int:
    return sum(len(cropped.crops) for cropped in batch)


def _kept(batch: Sequence[CroppedImages]) -> int:
    """Pixels of the images that are kept."""
    images = (image for cropped in batch for image in cropped.images)
    kept = (one for one in images if isinstance(one, DetectedImage) and one.image is not None)
    return sum(one.width * one.height for one in kept)


def _classified(classifier: Classifier, batch: Sequence[CroppedImages]) -> Iterator[Result | Failure]:
    """Classify all faces of a batch at once, and give each image its own."""
    images = [image for cropped in batch for image in cropped.images]
    readable = [one for one in images if isinstance(one, DetectedImage)]
    detections = [detection for one in readable for detection in one.detections]
    crops = np.concatenate([classifier.no_crops(), *(cropped.crops for cropped in batch)])
    faces = iter(classifier.faces(detections, _steady_probabilities(classifier, crops)))
    for one in images:
        yield one if isinstance(one, Failure) else _result(one, faces)


def _steady_probabilities(classifier: Classifier, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities (n, classes) of crops (n, *shape), whatever faces are beside them.

    What is in a batch changes with the time that images take, and with shards. Batches are filled up where
    the numbers of an engine depend on it.
    """
    multiple = getattr(classifier.engine, "multiple", 1)
    more = np.zeros((-len(crops) % multiple, *classifier.shape), np.uint8)
    return classifier.probabilities(np.concatenate([crops, more]))[: len(crops)]


def _result(image: DetectedImage, faces: Iterator[Face]) -> Result:
    own = tuple(next(faces) for _ in image.detections)
    return image.result(own)
