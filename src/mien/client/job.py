"""Jobs: videos that a server processes in the background."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Final

from mien.client import calls
from mien.client.job_status import JobStatus, Lines
from mien.errors import ServerError
from mien.recognition.face import Result

if TYPE_CHECKING:
    from mien.client.sending import AsyncSender, Sender

POLL_SECONDS: Final = 0.25
"""Between two requests for the state of a job."""


class Job:
    """A video that a server processes in the background; `Client.submit` returns it.

        job = client.submit("talk.mp4")
        job.wait(progress=lambda status: print(status.frames, status.total))
        for result in job.results():
            print(result.frame, result.faces)

    Attributes:
        status: Its state when it was last requested.
    """

    def __init__(self, sender: "Sender", status: JobStatus) -> None:
        self._sender, self.status = sender, status

    def __repr__(self) -> str:
        return _shown(self.status)

    def refresh(self) -> JobStatus:
        """Request the state.

        Raises:
            ServerError: The job was removed, or the server can't be reached.
        """
        self.status = self._sender.send(calls.job(self.status.id))
        return self.status

    def follow(self, *, timeout: float | None = None) -> Generator[JobStatus, None, None]:
        """Yield the state now and at each change, until the job ends.

        Args:
            timeout: Seconds after which to give up; the job goes on. None is never.

        Raises:
            ServerError: The job was removed or takes longer, or the server can't be reached.
        """
        watch = _Watch(timeout)
        while not watch.has_ended:
            if watch.is_new(self.refresh()):
                yield self.status
            time.sleep(watch.pause())

    def wait(
        self, *, progress: Callable[[JobStatus], object] = lambda _: None, timeout: float | None = None
    ) -> JobStatus:
        """Wait until the job is done, and return its state.

        Args:
            progress: Called with the state now and at each change.
            timeout: As for `follow`.

        Raises:
            ServerError: As `follow`; or the job failed or was canceled.
        """
        for status in self.follow(timeout=timeout):
            progress(status)
        self.status.require_done()
        return self.status

    def results(self) -> Generator[Result, None, None]:
        """Yield a result for each frame; memory doesn't grow with the length of the video.

        Raises:
            ServerError: The job isn't done or was removed, or the server can't be reached.
        """
        call, lines = calls.job_results(self.status.id), Lines()
        with closing(self._sender.parts(call, lines.content)) as parts:
            for part in parts:
                yield from lines.results(part)
        lines.require_end()

    def cancel(self) -> None:
        """Cancel the job if it waits or runs.

        Raises:
            ServerError: It was removed, or the server can't be reached.
        """
        if not self.refresh().has_ended:
            self._sender.send(calls.end_job(self.status.id))
            self.refresh()

    def remove(self) -> None:
        """Cancel the job and remove it with its results from the server.

        Raises:
            ServerError: It was removed before, or the server can't be reached.
        """
        self.cancel()
        self._sender.send(calls.end_job(self.status.id))


class AsyncJob:
    """A job as `Job`, with coroutines; `AsyncClient.submit` returns it.

    Attributes:
        status: Its state when it was last requested.
    """

    def __init__(self, sender: "AsyncSender", status: JobStatus) -> None:
        self._sender, self.status = sender, status

    def __repr__(self) -> str:
        return _shown(self.status)

    async def refresh(self) -> JobStatus:
        """Request the state; see `Job.refresh`."""
        self.status = await self._sender.send(calls.job(self.status.id))
        return self.status

    async def follow(self, *, timeout: float | None = None) -> AsyncGenerator[JobStatus, None]:
        """Yield the state now and at each change, until the job ends; see `Job.follow`."""
        watch = _Watch(timeout)
        while not watch.has_ended:
            if watch.is_new(await self.refresh()):
                yield self.status
            await asyncio.sleep(watch.pause())

    async def wait(
        self, *, progress: Callable[[JobStatus], object] = lambda _: None, timeout: float | None = None
    ) -> JobStatus:
        """Wait until the job is done; see `Job.wait`."""
        async for status in self.follow(timeout=timeout):
            progress(status)
        self.status.require_done()
        return self.status

    async def results(self) -> AsyncGenerator[Result, None]:
        """Yield a result for each frame; see `Job.results`."""
        call, lines = calls.job_results(self.status.id), Lines()
        async with aclosing(self._sender.parts(call, lines.content)) as parts:
            async for part in parts:
                for result in lines.results(part):
                    yield result
        lines.require_end()

    async def cancel(self) -> None:
        """Cancel the job if it waits or runs; see `Job.cancel`."""
        if not (await self.refresh()).has_ended:
            await self._sender.send(calls.end_job(self.status.id))
            await self.refresh()

    async def remove(self) -> None:
        """Cancel the job and remove it; see `Job.remove`."""
        await self.cancel()
        await self._sender.send(calls.end_job(self.status.id))


class _Watch:
    """Follows a job until it ends.

    Attributes:
        has_ended: Whether it has.
    """

    def __init__(self, timeout: float | None) -> None:
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._last: JobStatus | None = None
        self.has_ended = False

    def is_new(self, status: JobStatus) -> bool:
        """Whether a state differs from the last one."""
        is_new, self._last = status != self._last, status
        self.has_ended = status.has_ended
        return is_new

    def pause(self) -> float:
        """Return the seconds until the next request; raise ServerError if there is no time for it."""
        if self.has_ended:
            return 0.0
        if self._deadline is not None and time.monotonic() + POLL_SECONDS > self._deadline:
            name = "" if self._last is None else f"{self._last.name}: "
            raise ServerError(f"{name}the job has not ended in time; it goes on")
        return POLL_SECONDS


def _shown(status: JobStatus) -> str:
    total = "" if status.total is None else f" of {status.total}"
    return f"<Job {status.id} of {status.name!r}: {status.state}, {status.frames}{total} frames>"
