"""`POST /v1/faces` and `POST /v1/crops`: images in, faces with their expressions out."""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from mien.detection.boxes import ProvidedBoxes, detections_of
from mien.detection.selection import Selection
from mien.recognition.face import Result
from mien.recognition.sources.items import Failure
from mien.serving.catalog import Choice
from mien.serving.openapi import documented
from mien.serving.options import RequestLimits
from mien.serving.problems import Problem
from mien.serving.schemas import ResultsSchema
from mien.serving.service import RecognitionService, Recognized
from mien.serving.uploads import BOXES, Form, boxes_of, read_form
from mien.text import utf8

PROBLEMS: Final = documented(
    "invalid-body", "invalid-request", "unauthorized", "body-timeout", "unsupported-type",
    "unreadable-image", "queue-full", "unavailable", "stopping",
)  # fmt: skip

FILES_SCHEMA: Final = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "string", "format": "binary"},
    "description": "Encoded images, each with a file name; 256 by default, at most.",
}

BOXES_SCHEMA: Final = {
    "type": "object",
    "additionalProperties": {
        "type": "array",
        "items": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
    },
    "description": "Boxes of the faces by file name, as [left, top, width, height]; no detector runs: "
    '`{"photo.jpg": [[241.0, 118.5, 96.2, 120.4]]}`',
}

BundleName = Annotated[str | None, Query(description="Name of a bundle of `/v1/bundles`.")]
Threshold = Annotated[
    float | None,
    Query(
        ge=0, le=1, description="Faces with a lower confidence are uncertain; that of the bundle by default."
    ),
]


def _choice(
    bundle: BundleName = None,
    detector: Annotated[str | None, Query(description="Name of a detector of `/v1/bundles`.")] = None,
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
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return Response(utf8(text), media_type="application/json")


def _as_json(one: Result | Failure) -> dict[str, Any]:
    return {"source": one.source, "error": one.message} if isinstance(one, Failure) else one.to_dict()


def body_of_files(*, with_boxes: bool) -> dict[str, Any]:
    """Return the OpenAPI description of a multipart body; it is parsed in memory, not by FastAPI."""
    properties: dict[str, Any] = {"files": FILES_SCHEMA}
    encoding = {"files": {"contentType": "image/png, image/jpeg, image/webp, image/*"}}
    if with_boxes:
        properties["boxes"] = BOXES_SCHEMA
        encoding["boxes"] = {"contentType": "application/json"}
    schema = {
        "type": "object",
        "required": ["files"],
        "properties": properties,
        "additionalProperties": False,
    }
    content = {"multipart/form-data": {"schema": schema, "encoding": encoding}}
    return {"requestBody": {"required": True, "content": content}}
