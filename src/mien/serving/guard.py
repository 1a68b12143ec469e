"""Whom a server answers: checks of each request before its route, and the security headers of each response.

Web pages can reach a server on a loopback address, too: by a name that resolves to 127.0.0.1 (DNS
rebinding), hence the check of `Host`, and by requests and WebSockets of other origins, hence that of
`Origin`.
"""

import hashlib
import hmac
import ipaddress
import logging
import sys
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien.serving.admission import Admission
from mien.serving.bodies import Body, too_large
from mien.serving.options import ServerOptions, is_loopback
from mien.serving.problems import Problem, internal_error
from mien.serving.stopping import Stopping

_log = logging.getLogger("mien")

COOKIE: Final = "mien-token"
"""Name of the cookie with which a page sends the token, since WebSockets of browsers have no headers."""

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""Paths that need no token."""

VIDEOS_PATH: Final = "/v1/videos"
"""Path whose bodies are videos, which may be large."""

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Headers of each response that doesn't set them itself."""


class Guard:
    """ASGI middleware that refuses requests which the options don't allow, and answers internal errors.

    Args:
        app: The application.
        options: Of the server.
        stopping: Set at the end of the server.
    """

    def __init__(self, app: ASGIApp, options: ServerOptions, stopping: Stopping) -> None:
        self._app, self._options, self._stopping = app, options, stopping
        self._received = Admission(options.limits.pending_bytes, "bytes")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except Problem as problem:
            await _refuse(problem, scope, receive, send)
            return
        if scope["type"] == "http" and self._brings_token(scope):
            await _remember(self._options.token or "", scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await self._answer(scope, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_video = scope["path"] == VIDEOS_PATH  # written to a file, not held in memory
        received = Admission(sys.maxsize, "bytes") if is_video else self._received
        body = Body(receive, self._limit(scope), self._options.limits, received, self._stopping)
        answer = _Answer(send)
        try:
            await self._app(scope, body.receive, answer.send)
        except Exception as error:  # noqa: BLE001 - answered as an internal error
            _log.exception("a request failed")
            if not answer.has_begun:
                await internal_error(error).response()(scope, receive, send)
        finally:
            received.release(body.size)

    def _limit(self, scope: Scope) -> int:
        """Return how many bytes the body of a request may have."""
        limits = self._options.limits
        return limits.video_bytes if scope["path"] == VIDEOS_PATH else limits.body_bytes

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._check_host(headers.get("host", ""))
        self._check_origin(headers, scope)
        if not self._brings_token(scope):
            self._check_token(headers, scope["path"])
        if "transfer-encoding" in headers and "content-length" in headers:
            raise Problem("invalid-http", "Content-Length and Transfer-Encoding; expected one of them")
        length = headers.get("content-length", "0")
        most = self._limit(scope)
        if scope["type"] == "http" and (not length.isdecimal() or int(length) > most):
            raise too_large(most)

    def _check_host(self, host: str) -> None:
        """Refuse names under which a page of somebody else could reach this machine."""
        name = _name_of(host)
        allowed = {one.lower() for one in self._options.allowed_hosts}
        if name in allowed or (name == self._options.host.lower() and name):
            return
        if is_loopback(name) or (not is_loopback(self._options.host) and _is_address(name)):
            return
        raise Problem(
            "unknown-host", f"host {host!r}: expected localhost or an address; the operator can allow others"
        )

    def _check_origin(self, headers: Headers, scope: Scope) -> None:
        """Refuse requests by pages that this server didn't send."""
        origin = headers.get("origin")
        if origin is None or origin in self._options.allowed_origins:
            return
        secure = scope.get("scheme") in ("https", "wss")
        own = f"{'https' if secure else 'http'}://{headers.get('host', '')}"
        if origin.lower() not in (own.lower(), own.replace("http:", "https:").lower()):
            raise Problem(
                "foreign-origin", f"origin {origin!r}: expected {own}; the operator can allow others"
            )

    def _check_token(self, headers: Headers, path: str) -> None:
        if self._options.token is None or path in OPEN_PATHS:
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            is_known = _equal(given.strip(), self._options.token)
        else:
            is_known = _equal(_cookie(headers.get("cookie", "")), cookie_of(self._options.token))
        if not is_known:
            raise Problem(
                "unauthorized",
                "expected the header Authorization: Bearer TOKEN; in a browser, open /?token=TOKEN once",
            )

    def _brings_token(self, scope: Scope) -> bool:
        """Whether a browser opens the page with the token in the address."""
        token = self._options.token
        return token is not None and scope["path"] == "/" and _equal(_token_in(scope["query_string"]), token)


class _Answer:
    """Records whether the answer to a request has begun.

    Attributes:
        has_begun: Its status was sent.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        self.has_begun = True
        await self._send(message)


def cookie_of(token: str) -> str:
    """Return the value of the cookie: a digest, so that the token itself is in no cookie store."""
    return hashlib.sha256(f"{COOKIE}:{token}".encode()).hexdigest()


def _equal(sent: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(sent.encode(errors="replace"), expected.encode())


def _token_in(query: bytes) -> str:
    """Return the token of a query; a plus sign is no space there."""
    for part in query.decode("latin-1").split("&"):
        name, _, value = part.partition("=")
        if name == "token":
            return unquote(value)
    return ""


async def _remember(token: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Put the token into a cookie, and remove it from the address."""
    response = RedirectResponse("/", 303)
    secure = scope.get("scheme") == "https"
    response.set_cookie(COOKIE, cookie_of(token), httponly=True, samesite="strict", secure=secure)
    await response(scope, receive, send)


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await problem.response()(scope, receive, _with_headers(send))
        return
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):  # instead of the handshake
        await problem.response()(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": problem.detail[:100]})


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return with_headers


def _name_of(host: str) -> str:
    """Return the name of a `Host` header, in small letters, without the port."""
    if not set(host).isdisjoint("@/\\?#"):
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _cookie(text: str) -> str:
    try:
        found = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
