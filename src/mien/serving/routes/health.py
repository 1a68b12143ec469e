"""`/healthz`, `/readyz` and `/metrics`: for supervisors and for Prometheus."""

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from mien import __version__
from mien.serving.metrics import Metrics
from mien.serving.openapi import documented
from mien.serving.problems import Problem
from mien.serving.schemas import StatusSchema

METRICS: Final = documented("unauthorized") | {
    200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "mien_faces_total 42.0\n"}}}
}


def make_router(metrics: Metrics, is_ready: Callable[[], bool]) -> APIRouter:
    """Return the routes.

    Args:
        metrics: Of the server.
        is_ready: Whether the default bundle and detector are open.
    """
    router = APIRouter(tags=["operation"])

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz", responses=documented())
    async def health() -> StatusSchema:
        """The process answers."""
        return StatusSchema(status="ok", version=__version__)

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz", responses=documented("not-ready"))
    async def readiness() -> StatusSchema:
        """The default bundle and detector are open, so requests are answered at once."""
        if not is_ready():
            raise Problem("not-ready", "the bundle and the detector are being opened", retry_after=1)
        return StatusSchema(status="ok", version=__version__)

    @router.get("/metrics", response_class=Response, responses=METRICS)
    async def prometheus() -> Response:
        """Metrics in the text format of Prometheus."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router
