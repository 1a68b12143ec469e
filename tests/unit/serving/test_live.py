import json

import pytest
from starlette.websockets import WebSocketDisconnect

from bundle_builders import gray_of
from mien.serving.options import RequestLimits
from photo_builders import photo

LIVE = "ws://localhost:8000/v1/live"
HAPPY = photo((30, 10, 48, gray_of("happy")))


def test_each_frame_gets_its_faces_with_tracks(server):
    with server().websocket_connect(LIVE) as socket:
        for number in range(3):
            socket.send_bytes(HAPPY)
            found = socket.receive_json()
            (face,) = found["faces"]
            assert (found["frame"], found["source"], face["label"], face["track"]) == (
                number,
                "live",
                "happy",
                1,
            )
            assert found["milliseconds"] >= 0


def test_probabilities_are_smoothed_over_frames(server):
    surprised = photo((30, 10, 48, gray_of("surprise")))
    with server().websocket_connect(LIVE) as socket:
        socket.send_json({"smooth": 60})
        labels = []
        for image in (HAPPY, surprised, surprised):
            socket.send_bytes(image)
            labels.append(socket.receive_json()["faces"][0]["label"])
    assert labels == ["happy"] * 3


def test_only_the_newest_frame_waits():
    import asyncio

    from mien.serving.live import LiveSession
    from mien.serving.metrics import Metrics
    from mien.serving.options import RequestLimits

    class Service:
        metrics = Metrics()

    async def body():
        session = LiveSession(None, Service(), RequestLimits())
        for content in (b"a", b"b", b"c"):
            session.keep(content)
        return session.take()

    newest = asyncio.run(body())
    assert (newest.number, newest.content) == (2, b"c")
    assert b'mien_live_frames_total{outcome="dropped"} 2.0' in Service.metrics.text()


@pytest.mark.parametrize(
    ("sent", "kind", "detail"),
    [
        ("{", "invalid-request", "not valid"),
        ('{"smooth": -1}', "invalid-request", "not valid"),
        ('{"path": "/etc"}', "invalid-request", "not valid"),
        ('{"bundle": "/etc/passwd"}', "invalid-request", "expected one of tiny"),
        (b"no image", "unreadable-image", "not an image"),
        (b"", "unreadable-image", ""),
    ],
)
def test_a_problem_does_not_end_the_session(server, sent, kind, detail):
    with server().websocket_connect(LIVE) as socket:
        socket.send_text(sent) if isinstance(sent, str) else socket.send_bytes(sent)
        problem = socket.receive_json()
        assert problem["type"] == f"urn:mien:problem:{kind}"
        assert detail in problem["detail"]
        socket.send_bytes(HAPPY)
        assert socket.receive_json()["faces"][0]["label"] == "happy"


def test_a_detector_that_fails_is_no_fault_of_the_image(server, monkeypatch):
    import mien.serving.catalog
    from mien.errors import DetectorError

    client = server()

    def fail(*_):
        raise DetectorError("the detector's file is missing")

    monkeypatch.setattr(mien.serving.catalog, "make_detector", fail)
    with client.websocket_connect(LIVE) as socket:
        socket.send_json({"detector": "whole"})
        assert socket.receive_json()["type"] == "urn:mien:problem:unavailable"


def test_an_internal_error_is_a_problem_and_does_not_end_the_session(server, monkeypatch):
    from mien.serving.live import LiveSession

    with server().websocket_connect(LIVE) as socket:
        with monkeypatch.context() as patch:
            patch.setattr(LiveSession, "_recognize", lambda *_: 1 / 0)
            socket.send_bytes(HAPPY)
            assert socket.receive_json()["type"] == "urn:mien:problem:internal-error"
        socket.send_bytes(HAPPY)
        assert socket.receive_json()["faces"]


def test_a_large_frame_is_refused(server):
    from mien.serving.options import RequestLimits

    with server(limits=RequestLimits(frame_bytes=1000)).websocket_connect(LIVE) as socket:
        socket.send_bytes(b"x" * 1001)
        assert socket.receive_json()["type"] == "urn:mien:problem:too-large"


def test_sessions_are_limited(server):
    from starlette.websockets import WebSocketDisconnect

    from mien.serving.options import RequestLimits

    client = server(limits=RequestLimits(live_sessions=1))
    with client.websocket_connect(LIVE) as first:
        with client.websocket_connect(LIVE) as second, pytest.raises(WebSocketDisconnect) as caught:
            second.receive_json()
        assert caught.value.code == 1013
        first.send_bytes(HAPPY)
        assert first.receive_json()["faces"]
    with client.websocket_connect(LIVE) as third:
        third.send_bytes(HAPPY)
        assert third.receive_json()["faces"]


def test_the_result_is_json_of_numbers(server):
    with server().websocket_connect(LIVE) as socket:
        socket.send_bytes(HAPPY)
        text = socket.receive_text()
    assert "NaN" not in text
    assert set(json.loads(text)) >= {"frame", "time", "faces", "width", "height", "milliseconds"}


def test_frames_in_a_second_are_limited(server):
    with server(limits=RequestLimits(frame_rate=1)).websocket_connect(LIVE) as socket:
        for _ in range(20):
            socket.send_bytes(HAPPY)
        while (answer := socket.receive_json()).get("type") is None:
            assert answer["faces"]
    assert answer["type"] == "urn:mien:problem:too-many-frames"


def test_a_session_without_messages_ends(server):
    client = server(limits=RequestLimits(live_idle_seconds=0.05))
    with client.websocket_connect(LIVE) as socket, pytest.raises(WebSocketDisconnect) as ended:
        socket.receive_json()
    assert ended.value.code == 1001
