"""`POST /v1/explain`: which parts of a face support a class."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from mien.explanation.registry import DEFAULT
from mien.serving.catalog import Choice
from mien.serving.explaining import FaceQuestion
from mien.serving.options import RequestLimits
from mien.serving.problems import Problem
from mien.serving.routes.images import PROBLEMS, BundleName, DetectorName, body_of_files, json_response
from mien.serving.schemas import ExplanationSchema
from mien.serving.service import RecognitionService
from mien.serving.uploads import BOXES, read_form

MOST_CLASSES: Final = 10
"""Classes that are explained by a request."""

FARTHEST: Final = 100_000
"""Largest coordinate of a point, in pixels."""


def make_router(service: RecognitionService, limits: RequestLimits) -> APIRouter:
    """Return the route, which explains with `service`."""
    router = APIRouter(prefix="/v1", tags=["images"])

    @router.post(
        "/explain",
        response_model=ExplanationSchema,
        responses=PROBLEMS,
        openapi_extra=body_of_files(with_boxes=False),
    )
    async def explain(
        request: Request,
        bundle: BundleName = None,
        detector: DetectorName = None,
        class_names: Annotated[
            list[str] | None,
            Query(
                alias="class",
                max_length=MOST_CLASSES,
                description="Class to explain; the predicted one by default. May be repeated.",
            ),
        ] = None,
        method: Annotated[str, Query(description="Of the map.")] = DEFAULT,
        x: Annotated[
            float | None, Query(ge=0, le=FARTHEST, description="With `y`: the face nearest to this point.")
        ] = None,
        y: Annotated[
            float | None, Query(ge=0, le=FARTHEST, description="In pixels; the largest face by default.")
        ] = None,
    ) -> Response:
        """Return which parts of a face support a class, and which speak against it.

        The image is one file. It takes as long as some hundred faces, for one class or several.
        """
        service.admission.require_room()
        if (x is None) != (y is None):
            raise Problem("invalid-request", "x and y: expected both, or none")
        form = await read_form(request, most_files=1, most_bytes=limits.body_bytes)
        if BOXES in form.fields:
            raise Problem("invalid-body", "boxes: not used here; choose a face by x and y")
        point = None if x is None or y is None else (x, y)
        question = FaceQuestion(point, tuple(class_names or ()), method)
        found = await service.explanation(form.files[0], Choice(bundle, detector), question)
        return json_response(found)

    return router
