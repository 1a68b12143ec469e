"""`POST /v1/faces` and `POST /v1/crops`: images in, faces with their expressions out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from mien.detection.provided.boxes import ProvidedBoxes, detections_of
from mien.detection.selection import Selection
from mien.recognition.face import Result
from mien.recognition.sources.items import Failure
from mien.serving.catalog import Choice
from mien.serving.options import RequestLimits
from mien.serving.problems import Problem
from mien.serving.routes.images import (
    PROBLEMS,
    BundleName,
    DetectorName,
    Threshold,
    body_of_files,
    json_response,
)
from mien.serving.schemas import ResultsSchema
from mien.serving.service import RecognitionService, Recognized
from mien.serving.uploads import BOXES, Form, boxes_of, read_form


def _choice(
    bundle: BundleName = None,
    detector: DetectorName = None,
    threshold: Threshold = None,
    min_face: Annotated[
        float, Query(ge=0, le=100_000, description="Shorter side in pixels of the smallest box.")
    ] = 0,
    max_faces: Annotated[int | None, Query(ge=1, description="The largest faces of each image only.")] = None,
    detector_threshold: Annotated[
        float | None, Query(ge=0, le=1, description="Ignore boxes with a lower score of the detector.")
    ] = None,
    any_orientation: Annotated[
        bool, Query(description="Images may be turned by 90, 180 or 270 degrees; slower.")
    ] = False,
) -> Choice:
    selection = Selection(min_face, max_faces, threshold=detector_threshold, any_orientation=any_orientation)
    return Choice(bundle, detector, threshold, selection)


def make_router(service: RecognitionService, limits: RequestLimits) -> APIRouter:
    """Return the routes, which recognize with `service`."""
    router = APIRouter(prefix="/v1", tags=["images"])

    async def form_of(request: Request) -> Form:
        service.admission.require_room()
        return await read_form(request, most_files=limits.images, most_bytes=limits.body_bytes)

    @router.post(
        "/faces",
        response_model=ResultsSchema,
        responses=PROBLEMS,
        openapi_extra=body_of_files(with_boxes=True),
    )
    async def recognize_faces(request: Request, choice: Annotated[Choice, Depends(_choice)]) -> Response:
        """Detect the faces of one or more images and classify their expressions."""
        form = await form_of(request)
        boxes = None if BOXES not in form.fields else boxes_of(form.fields[BOXES], form.files)
        provided = None if boxes is None else _provided(boxes)
        return _answer(await service.images(form.files, choice, provided))

    @router.post(
        "/crops",
        response_model=ResultsSchema,
        responses=PROBLEMS,
        openapi_extra=body_of_files(with_boxes=False),
    )
    async def classify_crops(
        request: Request, bundle: BundleName = None, threshold: Threshold = None
    ) -> Response:
        """Classify images of faces that are cropped already; no detector runs."""
        form = await form_of(request)
        choice = Choice(bundle, threshold=threshold, cropped=True)
        return _answer(await service.images(form.files, choice))

    return router


def _provided(boxes: dict[str, list[list[float]]]) -> ProvidedBoxes:
    return ProvidedBoxes({name: detections_of(some, f"boxes of {name}") for name, some in boxes.items()})


def _answer(recognized: Recognized) -> Response:
    """Return the results.

    Raises:
        Problem: None of the images could be read.
    """
    failures = [one for one in recognized.results if isinstance(one, Failure)]
    if len(failures) == len(recognized.results):
        errors = [{"source": one.source, "detail": one.message} for one in failures]
        raise Problem("unreadable-image", failures[0].message, errors=errors)
    content = recognized._asdict() | {"results": [_as_json(one) for one in recognized.results]}
    return json_response(content)


def _as_json(one: Result | Failure) -> dict[str, Any]:
    return {"source": one.source, "error": one.message} if isinstance(one, Failure) else one.to_dict()
