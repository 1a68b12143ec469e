import asyncio
import json
from contextlib import suppress
from functools import partial

import pytest
import uvicorn
from uvicorn.server import ServerState

import mien.serving.protocol
from mien.serving.options import RequestLimits
from mien.serving.protocol import LimitedProtocol

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def app(scope, receive, send):
    """Refuse bodies, answer /large with 64 MB."""
    content = b"x" * (64 << 20) if scope["path"] == "/large" else b"hello"
    length = str(len(content)).encode()
    status = 413 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": content, "more_body": False})


def talk(client, **limits):
    """Run a client, which gets a function that connects, against a server with these limits."""

    async def run():
        config = uvicorn.Config(app, lifespan="off", log_config=None, h11_max_incomplete_event_size=4000)
        config.load()
        state, loop = ServerState(), asyncio.get_running_loop()
        make = partial(LimitedProtocol, RequestLimits(**limits), config, state, {})
        server = await loop.create_server(make, "127.0.0.1", 0)
        connect = partial(asyncio.open_connection, *server.sockets[0].getsockname())
        writers = []

        async def connected():
            reader, writer = await connect()
            writers.append(writer)
            return reader, writer

        try:
            return await asyncio.wait_for(client(connected), 60)
        finally:
            server.close()
            for writer in writers:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    return asyncio.run(run())


def sent(content, **limits):
    """Return status, headers and problem of the answer to bytes."""

    async def client(connected):
        reader, writer = await connected()
        writer.write(content)
        return await reader.read()

    head, _, body = talk(client, **limits).partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode().lower(), json.loads(body)


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        (b"nonsense\r\n\r\n", 400, "invalid-http"),
        (b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n", 400, "invalid-http"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "invalid-http"),  # no host
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400, "invalid-http"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 9000, 431, "head-too-large"),
        (b"", 408, "head-timeout"),
        (b"GET / HTT", 408, "head-timeout"),
    ],
)
def test_what_is_no_request_is_a_problem(content, status, kind):
    found, head, problem = sent(content, head_seconds=1)
    assert (found, problem["status"], problem["type"]) == (status, status, f"urn:mien:problem:{kind}")
    assert "content-type: application/problem+json" in head
    assert "connection: close" in head
    assert "x-content-type-options: nosniff" in head


def test_a_connection_takes_one_request_after_another_within_the_time_of_each_head():
    async def client(connected):
        reader, writer = await connected()
        for _ in range(3):
            writer.write(GET)
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.4)
        writer.write(GET[:10])
        return await reader.read()

    assert talk(client, head_seconds=1).startswith(b"HTTP/1.1 408")


def test_more_connections_than_the_limit_are_refused_and_far_more_are_closed():
    async def client(connected):
        answers = []
        for _ in range(5):
            reader, writer = await connected()
            writer.write(GET)
            try:
                answers.append((await asyncio.wait_for(reader.read(12), 30))[9:])
            except ConnectionError:
                answers.append(b"")
            if answers[-1] == b"503":
                assert b"retry-after" in await reader.read()
        return answers

    assert talk(client, connections=2) == [b"200", b"200", b"503", b"503", b"503"]
    assert talk(client, connections=2, head_seconds=60)[:2] == [b"200", b"200"]


def test_a_client_that_does_not_read_is_disconnected():
    async def client(connected):
        reader, writer = await connected()
        writer.transport.pause_reading()
        writer.write(GET.replace(b"/", b"/large", 1))
        await asyncio.sleep(0.3)
        writer.transport.resume_reading()
        try:
            return len(await reader.read())
        except ConnectionError:
            return 0

    assert talk(client, write_seconds=0.05) < 64 << 20


def test_a_client_that_goes_on_sending_a_refused_body_is_disconnected(monkeypatch):
    monkeypatch.setattr(mien.serving.protocol, "LINGER_SECONDS", 0.05)

    async def client(connected):
        reader, writer = await connected()
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n")
        assert b" 413 " in await reader.readuntil(b"\r\n")
        for _ in range(100):
            writer.write(b"x" * 1000)
            try:
                await writer.drain()
            except ConnectionError:
                return True
            await asyncio.sleep(0.01)
        return False

    assert talk(client)


@pytest.mark.parametrize(
    ("headers", "upgrades"),
    [
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", True),
        (b"", False),
        (b"Sec-WebSocket-Version: 13\r\n", False),
    ],
)
def test_only_whole_handshakes_are_websockets(headers, upgrades):
    content = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + headers + b"\r\n"
    )

    async def client(connected):
        reader, writer = await connected()
        writer.write(content)
        return await reader.readuntil(b"\r\n")

    assert (b" 200 " in talk(client)) is not upgrades
