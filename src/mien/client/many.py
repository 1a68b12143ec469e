"""Sends the requests of many images, several at a time, and yields the results in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

from mien.client.batches import IN_FLIGHT, Numbered, groups_of, merged, parts_of
from mien.client.calls import Calls
from mien.client.images import requests_of
from mien.media.images.reading import ImageLike
from mien.recognition.face import Result
from mien.recognition.sources.items import Failure

if TYPE_CHECKING:
    from mien.client.sending import AsyncSender, Sender

Found = list[Result | Failure]


def send_many(
    sender: "Sender", calls: Calls, images: Iterable[ImageLike], *, bgr: bool
) -> Generator[Result | Failure, None, None]:
    """Yield a result or a failure for each image, in order, with requests of several threads."""
    running: deque[Future[Found]] = deque()
    pool = ThreadPoolExecutor(IN_FLIGHT, "mien-client")
    is_waiting = True
    try:
        for group in groups_of(images):
            running.append(pool.submit(_group, sender, calls, group, bgr=bgr))
            if len(running) > IN_FLIGHT:
                yield from running.popleft().result()
        while running:
            yield from running.popleft().result()
    except KeyboardInterrupt:
        is_waiting = False  # a thread may wait for a busy server
        raise
    finally:
        pool.shutdown(wait=is_waiting, cancel_futures=True)


async def send_many_async(
    sender: "AsyncSender", calls: Calls, images: Iterable[ImageLike], *, bgr: bool
) -> AsyncGenerator[Result | Failure, None]:
    """Yield a result or a failure for each image, in order, with requests of several tasks."""
    running: deque[asyncio.Task[Found]] = deque()
    try:
        for group in groups_of(images):
            running.append(asyncio.create_task(_group_async(sender, calls, group, bgr=bgr)))
            if len(running) > IN_FLIGHT:
                for one in await running.popleft():
                    yield one
        while running:
            for one in await running.popleft():
                yield one
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _group(sender: "Sender", calls: Calls, group: Sequence[Numbered], *, bgr: bool) -> Found:
    parts = parts_of(group, bgr=bgr)
    found = [sender.send(calls.faces(some)) for some in requests_of(parts)]
    return merged(parts, chain.from_iterable(found))


async def _group_async(sender: "AsyncSender", calls: Calls, group: Sequence[Numbered], *, bgr: bool) -> Found:
    parts = await asyncio.to_thread(parts_of, group, bgr=bgr)
    found = [await sender.send(calls.faces(some)) for some in requests_of(parts)]
    return merged(parts, chain.from_iterable(found))
