"""The files of the page: those of `mien serve`, with another `api.js`, and the service worker."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from mien.errors import MienError
from mien.files.bounded import read_bytes

INDEX: Final = "index.html"
SERVICE_WORKER: Final = "sw.js"

MAX_WORKER_BYTES: Final = 1 << 20

POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""Content security policy: the page requests nothing from other hosts, and compiles WebAssembly."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of all responses once the service worker is active. The second and the third allow threads."""

FOR_SERVERS: Final = "server-"
"""Beginning of the names of modules that `api.js` of `mien serve` needs."""

_CHARSET: Final = '<meta charset="utf-8">'
REPLACED: Final = {
    " The API works without it: see /openapi.json.": "",
    "The video is removed as soon as it is processed. Its results are kept for a limited time.": (
        "This browser decodes the video. The results are kept until the page is closed."
    ),
}
"""What the page says about its server, and what a site says instead."""


def page_files() -> dict[str, bytes]:
    """Return the files of the page by their paths, without the service worker."""
    root = files("mien")
    page = dict(_below(root.joinpath("serving", "page")))
    found = {name: content for name, content in page.items() if not name.startswith(FOR_SERVERS)}
    found |= dict(_below(root.joinpath("web", "browser")))
    del found[SERVICE_WORKER]
    found[INDEX] = _index(found[INDEX].decode()).encode()
    return found


def service_worker(contents: Mapping[str, bytes]) -> bytes:
    """Return the service worker that stores these files; it differs whenever one of them does."""
    code = files("mien").joinpath("web", "browser", SERVICE_WORKER).read_text("utf-8")
    names = sorted(contents)
    digests = "".join(f"{name}\0{hashlib.sha256(contents[name]).hexdigest()}\n" for name in names)
    version = hashlib.sha256(digests.encode()).hexdigest()[:16]
    values = {"VERSION": version, "FILES": ["./", *names], "HEADERS": dict(HEADERS)}
    head = "".join(f"const {name} = {json.dumps(value, indent=1)};\n" for name, value in values.items())
    return (head + "\n" + code).encode()


def stored_names(path: Path) -> set[str]:
    """Return the names in the folder of a site that its service worker stores, and that of the worker.

    Args:
        path: The service worker; nothing is returned if it can't be read.
    """
    try:
        text = read_bytes(path, MAX_WORKER_BYTES).decode()
        names = json.loads(text.partition("const FILES = ")[2].partition(";")[0])
        return {name.partition("/")[0] for name in names} | {SERVICE_WORKER}
    except (OSError, ValueError, TypeError, AttributeError, MienError):
        return set()


def _below(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each file of the page below a folder of the package."""
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".css", ".html", ".js", ".svg", ".webmanifest")):
            yield prefix + entry.name, entry.read_bytes()


def _index(text: str) -> str:
    """Return the HTML with the policy, and without what is true of servers only."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    for phrase, other in {_CHARSET: f"{_CHARSET}\n  {policy}", **REPLACED}.items():
        text = text.replace(phrase, other)
    return text
