import asyncio

import pytest

from mien.serving.admission import Admission
from mien.serving.bodies import Body
from mien.serving.options import RequestLimits
from mien.serving.problems import Problem
from mien.serving.stopping import Stopping


def received(parts, stop_after=None, most=100, **limits):
    """Receive parts, each after some seconds, and return their sizes and the kind of the problem."""

    async def run():
        stopping, given = Stopping(), iter(parts)

        async def receive():
            seconds, size = next(given)
            await asyncio.sleep(seconds)
            return {"type": "http.request", "body": b"x" * size, "more_body": True}

        body = Body(receive, most, RequestLimits(**limits), Admission(1000, "bytes"), stopping)
        if stop_after is not None:
            asyncio.get_running_loop().call_later(stop_after, stopping.set)
        try:
            for _ in parts:
                await body.receive()
        except Problem as problem:
            return body.size, problem.kind
        return body.size, None

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("parts", "given", "expected"),
    [
        ([(0, 40), (0, 60)], {}, (100, None)),
        ([(0, 40), (0, 61)], {}, (40, "too-large")),
        ([(0, 1), (5, 1)], {"body_seconds": 0.02}, (1, "body-timeout")),
        ([(0, 1), (0.3, 1), (0.3, 1)], {"body_seconds": 0.5, "bytes_per_second": 1000}, (2, "body-timeout")),
        ([(0, 20), (0.3, 20), (0.3, 20)], {"body_seconds": 0.5, "bytes_per_second": 10}, (60, None)),
        ([(0, 1), (5, 1)], {"stop_after": 0.02}, (1, "stopping")),
    ],
)
def test_a_body_has_limits(parts, given, expected):
    assert received(parts, **given) == expected


def test_a_server_that_stops_waits_for_no_one():
    async def run():
        stopping = Stopping()
        sleeping = asyncio.create_task(stopping.sleep(60))
        assert not await stopping.sleep(0)
        stopping.set()
        assert await sleeping
        return await stopping.sleep(60)

    assert asyncio.run(run())
