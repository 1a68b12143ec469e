import asyncio

import mien
import mien.serving.app


def test_health(server):
    client = server()
    assert client.get("/healthz").json() == {"status": "ok", "version": mien.__version__}
    assert client.head("/healthz").status_code == 200


def test_readiness_waits_for_the_default_bundle(server, monkeypatch):
    gate = asyncio.Event()

    async def wait(*_):
        await gate.wait()

    monkeypatch.setattr(mien.serving.app, "_open_default", wait)
    answer = server().get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:mien:problem:not-ready"


def test_readiness_once_it_is_open(server):
    client = server()
    assert any(client.get("/readyz").status_code == 200 for _ in range(200))


def test_metrics_count_requests_images_and_faces(server):
    from bundle_builders import gray_of
    from photo_builders import photo

    client = server()
    two = photo((5, 10, 40, gray_of("surprise")), (60, 10, 48, gray_of("happy")))
    client.post("/v1/faces", files=[("files", ("a.png", two)), ("files", ("b.png", b"no image"))])
    client.get("/no/such/path")
    text = client.get("/metrics").text
    for line in (
        'mien_requests_total{method="POST",route="/v1/faces",status="200"} 1.0',
        'mien_requests_total{method="any",route="other",status="404"} 1.0',
        'mien_images_total{outcome="recognized"} 1.0',
        'mien_images_total{outcome="unreadable"} 1.0',
        "mien_faces_total 2.0",
        "mien_pending_images 0.0",
        'mien_stage_seconds_count{stage="classify"} 1.0',
    ):
        assert line in text
