"""ASGI middleware that counts requests and their duration by route."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien.serving.metrics import Metrics


class Observing:
    """Counts each request in the metrics.

    Args:
        app: The application.
        metrics: Of the server.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            route = getattr(scope.get("route"), "path", "other")  # a bounded number of labels
            method = scope["method"] if route != "other" else "any"
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - began)
