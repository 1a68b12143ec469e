"""What the routes of images share: parameters, the multipart body in the OpenAPI document, and answers."""

import json
from typing import Annotated, Any, Final

from fastapi import Query
from starlette.responses import Response

from mien.serving.openapi import documented
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
DetectorName = Annotated[str | None, Query(description="Name of a detector of `/v1/bundles`.")]
Threshold = Annotated[
    float | None,
    Query(
        ge=0, le=1, description="Faces with a lower confidence are uncertain; that of the bundle by default."
    ),
]


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


def json_response(content: dict[str, Any]) -> Response:
    """Return JSON as a response; FastAPI would validate it again."""
    return Response(
        utf8(json.dumps(content, ensure_ascii=False, allow_nan=False)), media_type="application/json"
    )
