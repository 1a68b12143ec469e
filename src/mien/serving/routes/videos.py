"""`POST /v1/videos` and `/v1/jobs`: videos are processed in the background."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response, StreamingResponse

from mien.serving.admission import Admission
from mien.serving.catalog import Catalog, Choice
from mien.serving.jobs.job import CANCELED, DONE, ENDED, RESULTS, VIDEO, Job
from mien.serving.jobs.store import JobStore
from mien.serving.jobs.worker import JobWorker
from mien.serving.openapi import documented
from mien.serving.options import RequestLimits
from mien.serving.problems import Problem
from mien.serving.routes.images import BundleName, DetectorName, Threshold
from mien.serving.schemas import JobSchema, JobsSchema
from mien.serving.stopping import Stopping
from mien.text import one_line

POLL_SECONDS: Final = 0.5
"""Between two reads of a job for its events."""

COMMENT_SECONDS: Final = 15.0
"""Between two comments in a stream without events."""

RETRY_SECONDS: Final = 10

JobId = Annotated[str, Path(max_length=100, description="Name of the job, from its `id`.")]

REFUSALS: Final = ("unauthorized", "jobs-unavailable")
PROBLEMS: Final = documented(
    *REFUSALS, "invalid-request", "invalid-body", "body-timeout", "unsupported-type", "queue-full",
    "stopping", "disk-full",
)  # fmt: skip
OF_A_JOB: Final = documented(*REFUSALS, "unknown-job", "invalid-request")
EVENTS: Final = {
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'data: {"id": "u3bJx0c5V2mPzq8KQd1nLw", "state": "running", "progress": 0.2}\n\n',
        }
    }
}
LINES: Final = {
    "content": {
        "application/jsonl": {
            "schema": {"type": "string"},
            "example": '{"source": "talk.mp4", "width": 640, "height": 480, "frame": 0, "faces": []}\n',
        }
    }
}
BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}
        },
    }
}


def make_router(
    store: JobStore, worker: JobWorker, catalog: Catalog, limits: RequestLimits, stopping: Stopping
) -> APIRouter:
    """Return the routes.

    Args:
        store: The jobs.
        worker: Processes them.
        catalog: Checks the names of a request.
        limits: Of jobs and of streams of events.
        stopping: Ends the streams of events.
    """
    router = APIRouter(prefix="/v1", tags=["videos"])
    _add_upload(router, store, worker, catalog, limits.jobs)
    _add_jobs(router, store)
    _add_events(router, store, Admission(limits.followers, "streams of events"), stopping)
    _add_results(router, store)
    return router


def _add_upload(
    router: APIRouter, store: JobStore, worker: JobWorker, catalog: Catalog, most_jobs: int
) -> None:
    @router.post("/videos", status_code=202, responses=PROBLEMS, openapi_extra=BODY)
    async def add_video(
        request: Request,
        response: Response,
        name: Annotated[
            str, Query(max_length=1000, description="Name of the file, in the results.")
        ] = "video",
        bundle: BundleName = None,
        detector: DetectorName = None,
        threshold: Threshold = None,
        every: Annotated[int, Query(ge=1, le=100_000, description="Process each n-th frame only.")] = 1,
        detect_every: Annotated[int, Query(ge=1, le=1000, description="Run the detector on each n-th.")] = 3,
        smooth: Annotated[float, Query(ge=0, le=60, description="Seconds of smoothing; 0 is off.")] = 0.5,
    ) -> JobSchema:
        """Upload a video, the body of the request, and process it in the background."""
        catalog.names(Choice(bundle, detector, threshold))
        _require_video(request)
        options = {
            "bundle": bundle, "detector": detector, "threshold": threshold, "every": every,
            "detect_every": detect_every, "smooth": smooth,
        }  # fmt: skip
        job = await run_in_threadpool(_reserve, store, one_line(name), options, most_jobs)
        try:
            await _receive(request, store, job)
            added = await run_in_threadpool(store.submit, job)
        except BaseException:
            store.remove(job)  # in this thread, since the request may be canceled
            raise
        worker.wake()
        response.headers["Location"] = f"/v1/jobs/{job}"
        return _schema(added)


def _require_video(request: Request) -> None:
    kind = request.headers.get("content-type", "")
    if kind.lower().startswith("multipart/"):
        raise Problem("unsupported-type", f"{kind}: expected the bytes of one video as the body, not a form")


def _reserve(store: JobStore, name: str, options: dict[str, Any], most: int) -> str:
    try:
        job = store.reserve(name, options, most)
    except OSError as error:
        raise _disk_full(error) from error
    if job is None:
        raise Problem("queue-full", f"{most} videos wait already", retry_after=RETRY_SECONDS)
    return job


def _add_jobs(router: APIRouter, store: JobStore) -> None:
    @router.get("/jobs", responses=documented(*REFUSALS))
    def list_jobs() -> JobsSchema:
        """List all jobs, the newest first."""
        return JobsSchema(jobs=[_schema(job) for job in store.all()])

    @router.get("/jobs/{job}", responses=OF_A_JOB)
    def show_job(job: JobId) -> JobSchema:
        """Return the state and the progress of a job."""
        return _schema(_require(store, job))

    @router.delete("/jobs/{job}", status_code=204, responses=OF_A_JOB)
    def cancel_job(job: JobId) -> Response:
        """Cancel a job that waits or runs; remove one that has ended, with its files."""
        if _require(store, job).state in ENDED or not store.end(job, CANCELED):
            store.remove(job)
        return Response(status_code=204)


def _add_events(router: APIRouter, store: JobStore, followers: Admission, stopping: Stopping) -> None:
    @router.get(
        "/jobs/{job}/events",
        response_class=StreamingResponse,
        responses=documented(*REFUSALS, "unknown-job", "invalid-request", "queue-full") | {200: EVENTS},
    )
    async def follow_job(job: JobId) -> StreamingResponse:
        """Stream the job as server-sent events: at each change, until it ends."""

        def get() -> Awaitable[Job | None]:
            return run_in_threadpool(store.get, job)

        _require_found(job, await get())
        followers.require_room()
        return StreamingResponse(_events(get, followers, stopping), media_type="text/event-stream")


def _add_results(router: APIRouter, store: JobStore) -> None:
    @router.get(
        "/jobs/{job}/result",
        response_class=FileResponse,
        responses=documented(*REFUSALS, "unknown-job", "invalid-request", "not-done") | {200: LINES},
    )
    def job_result(job: JobId) -> FileResponse:
        """Return the results as JSON lines: one result for each frame."""
        found = _require(store, job)
        if found.state != DONE:
            raise Problem(
                "not-done", f"the job is {found.state}" + (f": {found.error}" if found.error else "")
            )
        path = store.file(job, RESULTS)
        if not path.is_file():  # removed since
            raise _unknown(job)
        return FileResponse(path, media_type="application/jsonl")


def _require(store: JobStore, name: str) -> Job:
    """Return a job; raise a Problem if there is none of this name."""
    return _require_found(name, store.get(name))


def _require_found(name: str, found: Job | None) -> Job:
    if found is None:
        raise _unknown(name)
    return found


def _unknown(name: str) -> Problem:
    return Problem("unknown-job", f"no job {name!r}: there was none, or it was removed after a time")


def _disk_full(error: OSError) -> Problem:
    return Problem("disk-full", f"the video can't be stored ({error.strerror})")


async def _receive(request: Request, store: JobStore, job: str) -> None:
    """Write the body to the folder of a job."""
    size = 0
    try:
        with store.file(job, VIDEO).open("wb") as stream:
            async for chunk in request.stream():
                size += len(chunk)
                await run_in_threadpool(stream.write, chunk)
    except OSError as error:
        raise _disk_full(error) from error
    if not size:
        raise Problem("invalid-body", "no body: expected the bytes of a video")


async def _events(
    get: Callable[[], Awaitable[Job | None]], followers: Admission, stopping: Stopping
) -> AsyncIterator[str]:
    """Yield events of a job until it ends or the server stops; comments keep proxies from timing out."""
    last: Job | None = None
    quiet = 0.0
    with followers.holding(1):
        while (job := await get()) is not None:
            quiet = 0.0 if job != last or quiet >= COMMENT_SECONDS else quiet + POLL_SECONDS
            if quiet == 0:
                yield ":\n\n" if job == last else f"data: {json.dumps(_fields(job))}\n\n"
            last = job
            if job.state in ENDED or await stopping.sleep(POLL_SECONDS):
                return


def _fields(job: Job) -> dict[str, Any]:
    fields = asdict(job) | {"progress": job.progress}
    del fields["position"]
    return fields


def _schema(job: Job) -> JobSchema:
    return JobSchema.model_validate(_fields(job))
