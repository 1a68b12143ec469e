"""Clients whose server is a function."""

import httpx2
import pytest

import mien


@pytest.fixture
def fake():
    """Return a client and the requests that it sends, given answers: (status, JSON or bytes, headers)."""

    def make(*answers, asynchronous=False, **options):
        requests, rest = [], list(answers)

        def answer(request):
            requests.append(request)
            if isinstance(request.stream, httpx2.SyncByteStream):
                request.read()
            found = rest.pop(0) if len(rest) > 1 else rest[0]
            if isinstance(found, Exception):
                raise found
            status, content, *headers = found
            body = {"content": content} if isinstance(content, bytes) else {"json": content}
            return httpx2.Response(status, **body, headers=headers[0] if headers else {})

        kind = mien.AsyncClient if asynchronous else mien.Client
        return kind(transport=httpx2.MockTransport(answer), **options), requests

    return make
