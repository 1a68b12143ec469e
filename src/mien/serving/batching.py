"""Faces of many requests in one call of the network.

While one batch is computed, the faces that arrive gather into the next one: the batch grows with the load,
and a single request never waits for others.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Waiting:
    crops: NDArray[np.uint8]
    answer: "asyncio.Future[Probabilities]"


class Batcher:
    """Classifies the crops of concurrent callers in batches. For one event loop.

    Args:
        classify: Takes crops uint8 (n, …) and returns probabilities float32 (n, classes).
        executor: Runs it.
        most: Faces of a batch, unless one caller has more.
        observe: Called with the number of faces of each batch.
    """

    def __init__(
        self,
        classify: Callable[[NDArray[np.uint8]], Probabilities],
        executor: Executor,
        *,
        most: int = 64,
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._classify, self._executor, self._most, self._observe = classify, executor, most, observe
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, crops: NDArray[np.uint8]) -> Probabilities:
        """Return the probabilities (n, classes) of crops (n, …).

        Raises:
            MienError: The network failed on the batch.
        """
        answer: asyncio.Future[Probabilities] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(crops, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while batch := self._next():
            crops = np.concatenate([one.crops for one in batch])
            self._observe(len(crops))
            try:
                found = await loop.run_in_executor(self._executor, self._classify, crops)
            except Exception as error:  # noqa: BLE001 - each caller raises it
                for one in batch:
                    _fail(one.answer, error)
                continue
            start = 0
            for one in batch:
                end = start + len(one.crops)
                if not one.answer.done():  # its client may have left
                    one.answer.set_result(found[start:end])
                start = end

    def _next(self) -> list[_Waiting]:
        """Take callers from the queue until their faces fill a batch."""
        batch: list[_Waiting] = []
        faces = 0
        while self._waiting and (not batch or faces + len(self._waiting[0].crops) <= self._most):
            one = self._waiting.pop(0)
            if one.answer.done():
                continue
            batch.append(one)
            faces += len(one.crops)
        return batch


def _fail(answer: "asyncio.Future[Probabilities]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
