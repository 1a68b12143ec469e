"""Many pictures: read, searched and cut by threads, judged in batches, told in order.

    items -> tasks -> look (threads, ahead) -> Looks -> batches of faces -> network -> Result, Failure

What is ahead is bounded, in pictures and in pixels, so memory grows neither with the number of
files nor with their size. `Recognizer.batch` and `mien predict` come through here, and a single
picture takes the same look.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.errors import MienError
from mien.media.images.resize import resize_all
from mien.media.images.sizes import pixels_of
from mien.recognition.detect_and_crop import Boxes, Seen, look_at
from mien.recognition.engines.threads import thread_count
from mien.recognition.face import Face, Result
from mien.recognition.sources.items import Failure, Picture, Rows

if TYPE_CHECKING:
    from mien.recognition.recognizer import Recognizer

FACES: Final = 64
"""Faces from which on a run of the network is worth it."""

PATIENCE: Final = 0.5
"""Seconds that a face waits for others at most; slow machines are to show what they do, too."""

WINDOW: Final = 128
"""Most tasks that are ahead."""

PIXELS: Final = 24_000_000
"""Pixels of pictures that are ahead at a time, for each thread; 72 MB."""

ROWS: Final = 256
"""Whole faces of one task: they cost nothing to look at."""


@dataclass(frozen=True, eq=False)
class Looks:
    """What one task saw.

    Attributes:
        seen: Pictures, in order, or why there are none.
        crops: uint8, (n, side, side); their faces, in order.
    """

    seen: Sequence[Seen | Failure]
    crops: NDArray[np.uint8]


def recognize_pictures(
    recognizer: "Recognizer",
    items: Iterable[Picture | Rows | Failure],
    *,
    workers: int | None = None,
    keep_images: bool = False,
    boxes: Boxes | None = None,
    stopped: Callable[[], bool] = bool,
) -> Generator[Result | Failure, None, None]:
    """Yield a result for each picture and each row, in their order; what can't be read, a failure.

    Args:
        recognizer: What finds and judges faces.
        items: Are taken one by one, a little ahead of the results.
        workers: Threads that read and search pictures; as many as there are cores unless given.
        keep_images: Put the pictures into the results.
        boxes: Faces that are known already; the detector searches the other pictures.
        stopped: Asked between pictures; once it says yes, what is done is told, and no more begun.
    """
    threads = thread_count(workers)
    most = PIXELS * threads
    look = partial(look_at, recognizer, boxes=boxes, keep_image=keep_images)
    tasks = (task for item in items for task in _tasks(item, recognizer, look, keep_images=keep_images))
    with (
        closing(_ahead(tasks, threads, most, stopped, keep_images=keep_images)) as looks,
        closing(_batches(looks, most)) as batches,
    ):
        for batch in batches:
            yield from _judged(recognizer, batch)
            batch.clear()  # or its pictures would be in memory while the next are gathered


_Look = Callable[[Picture], tuple[Seen, NDArray[np.uint8]]]


class _Task(NamedTuple):
    look: Callable[[], Looks]
    pixels: int
    """How many it holds in memory while it is at work."""


class _Running(NamedTuple):
    looks: Future[Looks]
    pixels: int


def _tasks(
    item: Picture | Rows | Failure,
    recognizer: "Recognizer",
    look: _Look,
    *,
    keep_images: bool,
) -> Iterator[_Task]:
    """What there is to do for an item."""
    size = recognizer.metadata.size
    if isinstance(item, Picture):
        yield _Task(partial(_look_or_fail, look, item, size), pixels_of(item.content))
    elif isinstance(item, Failure):
        yield _Task(partial(Looks, (item,), _no_faces(size)), 0)
    else:
        for start in range(0, len(item), ROWS):
            part = Rows(item.sources[start : start + ROWS], item.faces[start : start + ROWS])
            yield _Task(partial(_whole_faces, part, size, keep_images=keep_images), part.faces.size)


def _look_or_fail(look: _Look, picture: Picture, size: int) -> Looks:
    try:
        seen, crops = look(picture)
    except MienError as error:
        said = str(error)
        message = said if said.startswith(picture.source) else f"{picture.source}: {said}"
        return Looks((Failure(picture.source, message),), _no_faces(size))
    return Looks((seen,), crops)


def _no_faces(size: int) -> NDArray[np.uint8]:
    return np.empty((0, size, size), np.uint8)


def _whole_faces(rows: Rows, size: int, *, keep_images: bool) -> Looks:
    width = rows.faces.shape[1]
    detections = (Detection(Box(0.0, 0.0, float(width), float(width)), 1.0),)
    images = [cv2.cvtColor(face, cv2.COLOR_GRAY2RGB) if keep_images else None for face in rows.faces]
    seen = [
        Seen(source, width, width, detections, None if image is None else np.asarray(image, np.uint8))
        for source, image in zip(rows.sources, images, strict=True)
    ]
    return Looks(seen, resize_all(rows.faces, size))


def _ahead(
    tasks: Iterable[_Task], threads: int, most: int, stopped: Callable[[], bool], *, keep_images: bool
) -> Generator[Looks, None, None]:
    """Let threads do the next tasks while one is used; yield what they saw in the order of the tasks."""
    pool = ThreadPoolExecutor(threads, "look")
    running: deque[_Running] = deque()
    try:
        for task in tasks:
            while _is_full(running, task.pixels, most, keep_images=keep_images):
                yield running.popleft().looks.result()
            if stopped():
                return
            running.append(_Running(pool.submit(task.look), task.pixels))
        while running and not stopped():
            yield running.popleft().looks.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _is_full(running: Sequence[_Running], pixels: int, most: int, *, keep_images: bool) -> bool:
    """Whether a task of so many pixels must wait; one whose picture is kept holds it to the end."""
    held = sum(one.pixels for one in running if keep_images or not one.looks.done())
    return len(running) >= WINDOW or (held > 0 and held + pixels > most)


def _batches(looks: Iterable[Looks], most: int) -> Generator[list[Looks], None, None]:
    """Gather looks until a run of the network is worth it, or they hold many pixels or have waited."""
    batch: list[Looks] = []
    began = 0.0
    for one in looks:
        began = began if batch else time.monotonic()
        batch.append(one)
        waited = time.monotonic() - began > PATIENCE
        if waited or len(batch) == WINDOW or _faces(batch) >= FACES or _kept(batch) > most:
            yield batch
            batch = []
    yield batch


def _faces(batch: Sequence[Looks]) -> int:
    return sum(len(looks.crops) for looks in batch)


def _kept(batch: Sequence[Looks]) -> int:
    """Pixels of the pictures that are kept."""
    seen = (one for looks in batch for one in looks.seen)
    return sum(one.width * one.height for one in seen if isinstance(one, Seen) and one.image is not None)


def _judged(recognizer: "Recognizer", batch: Sequence[Looks]) -> Iterator[Result | Failure]:
    """Run the network once over all faces of a batch, and give each picture its own."""
    seen = [one for looks in batch for one in looks.seen]
    pictures = [one for one in seen if isinstance(one, Seen)]
    detections = [detection for one in pictures for detection in one.detections]
    crops = np.concatenate([_no_faces(recognizer.metadata.size), *(looks.crops for looks in batch)])
    faces = iter(recognizer.judge(detections, crops))
    for one in seen:
        yield one if isinstance(one, Failure) else _result(one, faces)


def _result(seen: Seen, faces: Iterator[Face]) -> Result:
    own = tuple(next(faces) for _ in seen.detections)
    return Result(seen.source, seen.width, seen.height, own, image=seen.image)
