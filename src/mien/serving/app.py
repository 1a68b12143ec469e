"""`create_app`: the ASGI application of a server."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Depends, FastAPI, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from mien import __version__
from mien.errors import MienError
from mien.serving.catalog import RETRY_SECONDS, Choice
from mien.serving.guard import Guard
from mien.serving.jobs.jobs import Jobs
from mien.serving.live import LiveSessions
from mien.serving.metrics import Metrics
from mien.serving.observing import Observing
from mien.serving.openapi import document
from mien.serving.options import ServerOptions
from mien.serving.parameters import require_known_parameters
from mien.serving.problems import Problem, add_handlers
from mien.serving.routes import bundles, explain, faces, health, page, videos
from mien.serving.service import RecognitionService
from mien.serving.stopping import Stopping

_log = logging.getLogger("mien")

DESCRIPTION: Final = (
    "Facial expression recognition on this machine. Images are processed in memory; none is stored or "
    "logged. Videos are stored until they are processed, and their results for a limited time. Errors are "
    "problem details (RFC 9457)."
)


def create_app(options: ServerOptions | None = None, worker: str | None = None) -> FastAPI:
    """Return the ASGI application of a server, for uvicorn or another ASGI server.

    Args:
        options: The defaults if None.
        worker: Name of this process among those that share the folder of jobs, which was recovered and is
            locked by another one. None if it is the only process.

    Raises:
        MienError: A bundle can't be read, or the folder of jobs can't be used.
    """
    chosen = options or ServerOptions()
    metrics, stopping, warm = Metrics(), Stopping(), asyncio.Event()
    service = RecognitionService(chosen, metrics, _log.warning)
    jobs = Jobs(chosen, worker, service.catalog.components, metrics.faces.inc)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        opening = asyncio.create_task(_open_default(service, warm))
        jobs.worker.start()
        yield
        stopping.set()
        opening.cancel()
        await run_in_threadpool(jobs.close)
        service.close()

    app = FastAPI(
        title="mien", version=__version__, description=DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None,  # their pages load scripts from other hosts
        redirect_slashes=False,
    )  # fmt: skip
    app.state.service, app.state.stopping = service, stopping
    add_handlers(app)
    _add_routes(app, chosen, service, jobs, warm)
    app.add_middleware(Guard, options=chosen, stopping=stopping)
    if chosen.allowed_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=chosen.allowed_origins, allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
        )  # fmt: skip
    app.add_middleware(Observing, metrics=metrics)  # the last one that is added is the first to run
    document(app, service.catalog, with_token=chosen.token is not None)
    return app


def _add_routes(
    app: FastAPI, options: ServerOptions, service: RecognitionService, jobs: Jobs, warm: asyncio.Event
) -> None:
    limits, checks = options.limits, [Depends(require_known_parameters)]
    app.include_router(faces.make_router(service, limits), dependencies=checks)
    app.include_router(explain.make_router(service, limits), dependencies=checks)
    app.include_router(
        videos.make_router(jobs.store, jobs.worker, service.catalog, limits, app.state.stopping),
        dependencies=checks,
    )
    app.include_router(bundles.make_router(service.catalog, options), dependencies=checks)
    app.include_router(health.make_router(service.metrics, warm.is_set))
    app.include_router(page.make_router())
    _add_live(app, LiveSessions(service, limits))


async def _open_default(service: RecognitionService, warm: asyncio.Event) -> None:
    """Open the default bundle and detector before the first request needs them."""
    while not warm.is_set():
        try:
            await service.components(Choice())
        except (MienError, Problem):  # it was logged, and requests get it, too
            await asyncio.sleep(RETRY_SECONDS)
        else:
            warm.set()


def _add_live(app: FastAPI, sessions: LiveSessions) -> None:
    @app.websocket("/v1/live")
    async def live(socket: WebSocket) -> None:
        await sessions.serve(socket)

    @app.get("/v1/live", include_in_schema=False)
    async def upgrade() -> None:
        raise Problem("upgrade-required", "open a WebSocket: ws://…/v1/live")
