"""The page: static files of the package, held in memory."""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

TYPES: Final = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""Media type of each kind of file."""

INDEX: Final = "index.html"


def make_router() -> APIRouter:
    """Return a route for each file of the page; `/` is the page itself."""
    router = APIRouter(include_in_schema=False)
    for file in files("mien.serving").joinpath("page").iterdir():
        suffix = f".{file.name.rpartition('.')[2]}"
        if suffix in TYPES:
            _add(router, file.name, file.read_bytes(), TYPES[suffix])
    return router


def _add(router: APIRouter, name: str, content: bytes, kind: str) -> None:
    async def static(_: Request) -> Response:
        return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})

    router.add_api_route("/" if name == INDEX else f"/{name}", static, methods=["GET", "HEAD"])
