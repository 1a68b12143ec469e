"""`Jobs`: the store of jobs and the thread that processes them, for one process of a server."""

from collections.abc import Callable
from contextlib import ExitStack, closing

from mien.recognition.components import Components
from mien.serving.catalog import Choice
from mien.serving.jobs.database import FolderLock
from mien.serving.jobs.store import JobStore
from mien.serving.jobs.worker import JobWorker
from mien.serving.options import ServerOptions


class Jobs:
    """The jobs of a process.

    Args:
        options: Of the server.
        owner: Name of this process among those that share the folder; None if it is the only one.
        components: Returns the detector and the classifier of a request.
        counted: Called with the number of faces of each frame.

    Attributes:
        store: The jobs.
        worker: Processes them, once it is started.

    Raises:
        MienError: The folder can't be used.
    """

    def __init__(
        self,
        options: ServerOptions,
        owner: str | None,
        components: Callable[[Choice], Components],
        counted: Callable[[int], None],
    ) -> None:
        with ExitStack() as opened:  # closed again if the folder can't be used
            self._lock = opened.enter_context(closing(lock_jobs(options))) if owner is None else None
            store = JobStore(options.jobs_folder, 3600 * options.keep_hours, owner or "0")
            self.store = opened.enter_context(closing(store))
            self.store.recover()
            opened.pop_all()
        self.worker = JobWorker(self.store, components, counted, options.limits.job_seconds)

    def close(self) -> None:
        """Stop the thread and close the files."""
        self.worker.stop()
        self.store.close()
        if self._lock is not None:
            self._lock.close()


def lock_jobs(options: ServerOptions) -> FolderLock:
    """Lock the folder of the jobs, and take over what the last server left there.

    Raises:
        MienError: The folder can't be used, or another server uses it.
    """
    lock = FolderLock(options.jobs_folder)
    try:
        with closing(JobStore(options.jobs_folder, 3600 * options.keep_hours)) as store:
            store.recover_all()
    except BaseException:
        lock.close()
        raise
    return lock
