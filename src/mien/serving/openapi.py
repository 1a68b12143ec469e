"""The OpenAPI document: the problems and examples of each route, and the names that a server knows."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from mien.explanation.registry import BLACK_BOX
from mien.serving.catalog import Catalog
from mien.serving.guard import COOKIE, OPEN_PATHS
from mien.serving.live import LiveOptions
from mien.serving.problems import KINDS, MEDIA_TYPE, ProblemDetails, problem_details

ANYWHERE: Final = (
    "invalid-http", "foreign-origin", "head-timeout", "too-large", "unknown-host", "head-too-large",
    "internal-error", "too-many-connections",
)  # fmt: skip
"""Problems that each request can get."""


SECURITY: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "The token of the server."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Set by `/?token=TOKEN`."},
}
"""How clients send the token."""


LIVE: Final = (
    "A WebSocket. Each binary message is a frame, an encoded image; the answer is a result as JSON, with "
    "`milliseconds`, from the arrival of the frame to the answer. `frame` is the number of the binary "
    "message, from 0. Frames that arrive while another one is processed replace each other. A text message "
    "is a JSON object that changes the options. An error is a JSON object of problem details, with `frame`."
)


def documented(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route for problems of these kinds, and of those that each request can get.

    Args:
        kinds: Keys of `KINDS`.

    Returns:
        Responses by status, for the OpenAPI document.
    """
    chosen = sorted({*kinds, *ANYWHERE})
    found: dict[int | str, dict[str, Any]] = {}
    for status in sorted({KINDS[kind].status for kind in chosen}):
        same = [kind for kind in chosen if KINDS[kind].status == status]
        found[status] = {
            "description": "; ".join(KINDS[kind].title for kind in same),
            "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": {one: _example(one) for one in same}}},
        } | _headers_of(status)
    return found


_SCHEMA: Final = {"$ref": "#/components/schemas/ProblemDetails"}


def _example(kind: str) -> dict[str, Any]:
    status, title, detail = KINDS[kind]
    return {"value": problem_details(status, title, detail, f"urn:mien:problem:{kind}")}


def _headers_of(status: int) -> dict[str, Any]:
    """Return the documentation of the headers of a problem."""
    schema: dict[str, Any]
    if status == HTTPStatus.UNAUTHORIZED:
        schema = {"type": "string", "const": "Bearer"}
        return {"headers": {"WWW-Authenticate": {"description": "The scheme.", "schema": schema}}}
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        schema = {"type": "integer", "minimum": 1}
        return {"headers": {"Retry-After": {"description": "Seconds to wait.", "schema": schema}}}
    return {}


def document(app: FastAPI, catalog: Catalog, *, with_token: bool) -> None:
    """Complete the OpenAPI document of an application.

    Args:
        app: The application, with its routes.
        catalog: Its bundles and detectors become the values of parameters.
        with_token: Requests need a token.
    """
    generate = app.openapi
    names = {
        "bundle": list(catalog.bundles), "detector": list(catalog.detectors), "method": list(BLACK_BOX)
    }  # fmt: skip

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = generate()
            _add_schemas(found)
            for path, operation in _operations(found):
                _name_choices(operation, names)
                _add_examples(operation, found["components"]["schemas"])
                if with_token and path not in OPEN_PATHS:
                    operation["security"] = [{name: []} for name in SECURITY]
            if with_token:
                found["components"]["securitySchemes"] = SECURITY
            found["x-websockets"] = {"/v1/live": _live()}
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]


def _live() -> dict[str, Any]:
    """Return the description of the live WebSocket, which OpenAPI has no terms for."""
    return {
        "description": LIVE,
        "options": LiveOptions.model_json_schema(),
        "answer": {"oneOf": [{"$ref": "#/components/schemas/ResultSchema"}, _SCHEMA]},
    }


def _operations(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in found["paths"].items():
        for operation in item.values():
            yield path, operation


def _add_schemas(found: dict[str, Any]) -> None:
    """Add the schema of problem details, to which all routes refer."""
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemDetails"] = ProblemDetails.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):  # problems take their place
        schemas.pop(name, None)


def _name_choices(operation: dict[str, Any], names: dict[str, list[str]]) -> None:
    """List the values of the parameters that are names; the first is the default."""
    for parameter in operation.get("parameters", []):
        if parameter["name"] in names and parameter["in"] == "query":
            known = names[parameter["name"]]
            parameter["schema"] = {"type": "string", "enum": known, "default": known[0]}


def _add_examples(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Add an example to each JSON response, made of the examples of its fields."""
    for response in operation["responses"].values():
        for kind, content in response.get("content", {}).items():
            if kind == "application/json" and not {"example", "examples"} & set(content):
                content["example"] = example_of(content["schema"], schemas)


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Return an example of a JSON schema, made of the examples of its parts."""
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    if "properties" in schema:
        return {name: example_of(part, schemas) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return {} if schema.get("type") == "object" else schema.get("default")
