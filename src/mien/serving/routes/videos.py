"""`POST /v1/videos` and `/v1/jobs`: videos are processed in the background."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response, StreamingResponse

from mien.serving.catalog import Catalog, Choice
from mien.serving.jobs.store import CANCELED, DONE, ENDED, QUEUED, RESULTS, RUNNING, VIDEO, Job, JobStore
from mien.serving.jobs.worker import JobWorker
from mien.serving.problems import Problem, documented
from mien.serving.schemas import JobSchema, JobsSchema
from mien.text import one_line

POLL_SECONDS: Final = 0.5
"""Between two looks at a job for its events."""

RETRY_SECONDS: Final = 10

REFUSALS: Final = documented("unauthorized", "foreign-origin", "unknown-host", "invalid-request")
PROBLEMS: Final = REFUSALS | documented(
    "invalid-body", "body-timeout", "too-large", "queue-full", "disk-full"
)
BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def make_router(store: JobStore, worker: JobWorker, catalog: Catalog, most_jobs: int) -> APIRouter:
    """Return the routes.

    Args:
        store: The jobs.
        worker: Processes them.
        catalog: Checks the names of a request.
        most_jobs: Jobs that wait or run, at most.
    """
    router = APIRouter(prefix="/v1", tags=["videos"])
    _add_upload(router, store, worker, catalog, most_jobs)
    _add_jobs(router, store)
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
        bundle: Annotated[str | None, Query(description="Name of a bundle of `/v1/bundles`.")] = None,
        detector: Annotated[str | None, Query(description="Name of a detector of `/v1/bundles`.")] = None,
        threshold: Annotated[
            float | None, Query(ge=0, le=1, description="Faces with a lower confidence are uncertain.")
        ] = None,
        every: Annotated[int, Query(ge=1, le=100_000, description="Process each n-th frame only.")] = 1,
        detect_every: Annotated[int, Query(ge=1, le=1000, description="Run the detector on each n-th.")] = 3,
        smooth: Annotated[float, Query(ge=0, le=60, description="Seconds of smoothing; 0 is off.")] = 0.5,
    ) -> JobSchema:
        """Upload a video, the body of the request, and process it in the background."""
        catalog.names(Choice(bundle, detector, threshold))
        if store.count(QUEUED, RUNNING) >= most_jobs:
            raise Problem("queue-full", f"{most_jobs} videos wait already", retry_after=RETRY_SECONDS)
        options = {
            "bundle": bundle, "detector": detector, "threshold": threshold, "every": every,
            "detect_every": detect_every, "smooth": smooth,
        }  # fmt: skip
        job = store.new_id()
        try:
            await _receive(request, store, job)
        except BaseException:
            await run_in_threadpool(store.remove, job)
            raise
        added = store.add(job, one_line(name), options)
        worker.wake()
        response.headers["Location"] = f"/v1/jobs/{job}"
        return _schema(added)


def _add_jobs(router: APIRouter, store: JobStore) -> None:
    @router.get("/jobs", responses=REFUSALS)
    async def list_jobs() -> JobsSchema:
        """List all jobs, the newest first."""
        return JobsSchema(jobs=[_schema(job) for job in store.all()])

    @router.get("/jobs/{job}", responses=REFUSALS | documented("unknown-job"))
    async def show_job(job: str) -> JobSchema:
        """Return the state and the progress of a job."""
        return _schema(_require(store, job))

    @router.delete("/jobs/{job}", status_code=204, responses=REFUSALS | documented("unknown-job"))
    async def cancel_job(job: str) -> Response:
        """Cancel a job that waits or runs; remove one that has ended, with its files."""
        if _require(store, job).state in ENDED or not store.end(job, CANCELED):
            await run_in_threadpool(store.remove, job)
        return Response(status_code=204)


def _add_results(router: APIRouter, store: JobStore) -> None:
    @router.get(
        "/jobs/{job}/events",
        response_class=StreamingResponse,
        responses=REFUSALS | documented("unknown-job") | {200: {"content": {"text/event-stream": {}}}},
    )
    async def follow_job(job: str) -> StreamingResponse:
        """Stream the job as server-sent events: at each change, until it ends."""
        _require(store, job)
        return StreamingResponse(_events(partial(store.get, job)), media_type="text/event-stream")

    @router.get(
        "/jobs/{job}/result",
        response_class=FileResponse,
        responses=REFUSALS
        | documented("unknown-job", "not-done")
        | {200: {"content": {"application/jsonl": {}}}},
    )
    async def job_result(job: str) -> FileResponse:
        """Return the results as JSON lines: one result for each frame."""
        found = _require(store, job)
        if found.state != DONE:
            raise Problem(
                "not-done", f"the job is {found.state}" + (f": {found.error}" if found.error else "")
            )
        return FileResponse(store.file(job, RESULTS), media_type="application/jsonl")


def _require(store: JobStore, name: str) -> Job:
    """Return a job; raise a Problem if there is none of this name."""
    found = store.get(name)
    if found is None:
        raise Problem("unknown-job", f"no job {name!r}: there was none, or it was removed after a time")
    return found


async def _receive(request: Request, store: JobStore, job: str) -> None:
    """Write the body to the folder of a job."""
    size = 0
    try:
        with store.file(job, VIDEO).open("wb") as stream:
            async for chunk in request.stream():
                size += len(chunk)
                await run_in_threadpool(stream.write, chunk)
    except OSError as error:
        raise Problem("disk-full", f"the video can't be stored ({error.strerror})") from error
    if not size:
        raise Problem("invalid-body", "no body: expected the bytes of a video")


async def _events(get: "partial[Job | None]") -> AsyncIterator[str]:
    last: Job | None = None
    while True:
        job = get()
        if job is None:
            return
        if job != last:
            yield f"data: {json.dumps(_fields(job))}\n\n"
        if job.state in ENDED:
            return
        last = job
        await asyncio.sleep(POLL_SECONDS)


def _fields(job: Job) -> dict[str, Any]:
    fraction = 1.0 if job.state == DONE else None
    if fraction is None and job.total:
        fraction = min(1.0, job.frames / job.total)
    return asdict(job) | {"progress": fraction}


def _schema(job: Job) -> JobSchema:
    return JobSchema.model_validate(_fields(job))
