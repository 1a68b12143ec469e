"""Work that threads do a little ahead of what consumes it."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

AHEAD: Final = 2
"""Items that are ahead, for each thread: a bound of the memory."""

T = TypeVar("T")
R = TypeVar("R")


def ahead(
    work: Callable[[T], R], items: Iterable[T], threads: int, name: str = ""
) -> Generator[R, None, None]:
    """Do the work for each item in threads; yield the outcomes in order, and raise its errors.

    A single thread is never ahead: it rests while the caller computes, so together they use one core. Close
    the generator to end early; work that has not begun is dropped.

    Args:
        work: Thread-safe.
        items: Consumed a little ahead of the outcomes, in the thread of the caller.
        threads: Number of threads.
        name: Prefix of their names.
    """
    most = AHEAD * threads if threads > 1 else 0
    pool = ThreadPoolExecutor(threads, name)
    running: deque[Future[R]] = deque()
    wait = True
    try:
        for item in items:
            running.append(pool.submit(work, item))
            if len(running) > most:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    except KeyboardInterrupt:
        wait = False  # a thread may wait for input that never comes
        raise
    finally:
        pool.shutdown(wait=wait, cancel_futures=True)
