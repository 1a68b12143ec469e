"""The clients against a server that is a function: what they send, retry and raise."""

import asyncio
import inspect
import io

import httpx2
import numpy as np
import pytest
from PIL import Image

import mien
from mien.client import sending
from mien.client.answers import UnreadableImageError
from result_builders import face, result

PIXELS = np.zeros((4, 6, 3), np.uint8)


def answer(*numbers, detector="yunet", failures=()):
    """The answer to images of these numbers."""
    results = [
        {"source": f"image-{number}", "error": f"image-{number}: not an image"}
        if number in failures
        else result(f"image-{number}", face(confidence=1 - number / 100)).to_dict()
        for number in numbers
    ]
    return {"bundle": "small", "detector": detector, "results": results}


def problem(status, kind, **more):
    return {"type": f"urn:mien:problem:{kind}", "title": "A title", "status": status, "detail": "why"} | more


BUNDLES = {
    "bundles": [
        {
            "name": "small",
            "default": True,
            "classes": ["a"],
            "colors": ["#fff"],
            "threshold": 0.5,
            "metadata": {},
        }
    ],
    "detectors": ["auto"],
}


def test_it_has_the_methods_of_a_recognizer():
    for name in ("__call__", "recognize", "batch"):
        ours, theirs = (inspect.signature(getattr(kind, name)) for kind in (mien.Client, mien.Recognizer))
        assert [*ours.parameters.values()] == [*theirs.parameters.values()], name
    assert inspect.signature(mien.Client.classify).parameters.keys() == {"self", "faces"}


def test_both_clients_have_the_same_methods():
    def public(kind):
        return {name for name, value in inspect.getmembers(kind) if callable(value) and name[0] != "_"}

    assert public(mien.Client) == public(mien.AsyncClient)
    for name in public(mien.Client):
        ours, theirs = (inspect.signature(getattr(kind, name)) for kind in (mien.Client, mien.AsyncClient))
        assert list(ours.parameters.values()) == list(theirs.parameters.values()), name


def test_an_image_is_sent_and_its_result_returned(fake, tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(PIXELS).save(path)
    client, requests = fake(
        (200, answer(1)), bundle="small", threshold=0.0, max_faces=2, any_orientation=True
    )
    found = client.recognize(path)
    assert (found.source, found.faces[0].confidence, found.image.shape) == (str(path), 0.99, (4, 6, 3))
    request = requests[0]
    assert (request.method, request.url.path) == ("POST", "/v1/faces")
    assert dict(request.url.params) == {
        "bundle": "small", "threshold": "0.0", "max_faces": "2", "any_orientation": "true",
    }  # fmt: skip
    assert path.read_bytes() in request.content
    assert b"photo" not in request.content


@pytest.mark.parametrize(
    "image",
    [PIXELS, PIXELS[:, :, 0], Image.fromarray(PIXELS), b"any bytes", io.BytesIO(b"any bytes")],
    ids=lambda image: type(image).__name__,
)
def test_all_kinds_of_images_are_accepted(fake, image):
    client, requests = fake((200, answer(1)))
    assert client(image)[0].label == "happy"
    assert (b"any bytes" in requests[0].content) or (b"\x89PNG" in requests[0].content)


def test_provided_boxes_are_sent(fake):
    client, requests = fake((200, answer(1)))
    client(PIXELS, boxes=[(1, 2, 3, 4)])
    assert b'{"image-1": [[1.0, 2.0, 3.0, 4.0]]}' in requests[0].content
    with pytest.raises(mien.DetectorError, match="box 1"):
        client(PIXELS, boxes=[(1, 2)])


def test_a_result_knows_how_its_faces_are_cropped(fake):
    for detector, boxes, scale in (
        ("mtcnn", None, 1.03),
        ("mtcnn", [(0, 0, 2, 2)], 1.05),
        ("new", None, 1.0),
    ):
        client, _ = fake((200, answer(1, detector=detector)))
        assert client.recognize(PIXELS, boxes=boxes).framing.scale == scale


def test_many_images_come_in_order_with_their_failures(fake):
    client, _ = fake((200, answer(*range(1, 8), failures=(3,))))
    found = list(client.recognize_many(["/no/such/file", *[PIXELS] * 7][::-1]))
    assert [type(one).__name__ for one in found] == [*["Result"] * 2, "Failure", *["Result"] * 4, "Failure"]
    assert found[2].message == "image 3: not an image"
    assert found[7].message == "/no/such/file: there is no such file"
    assert found[0].source == "image 1"


def test_a_batch_ends_at_an_image_that_can_not_be_read(fake):
    client, _ = fake((200, answer(1, 2)))
    assert [faces[0].confidence for faces in client.batch([PIXELS, PIXELS])] == [0.99, 0.98]
    client, _ = fake((200, answer(1, 2, failures=(2,))))
    with pytest.raises(mien.ImageError, match=r"^image 2: not an image"):
        client.batch([PIXELS, PIXELS])
    for one in (b"bytes", "path", 5, io.BytesIO()):
        with pytest.raises(mien.ImageError, match="call the client itself"):
            client.batch(one)


def test_large_images_are_sent_one_by_one(fake, monkeypatch):
    monkeypatch.setattr("mien.client.images.MAX_REQUEST", 5)
    client, requests = fake((200, answer(1)), (200, answer(2)))
    assert len(client.batch([b"1234", b"12"])) == 2
    assert len(requests) == 2


def test_crops_are_classified(fake):
    client, requests = fake((200, answer(1, 2)), bundle="small", min_face=5, threshold=0.3)
    faces = client.classify(np.zeros((2, 8, 8), np.uint8))
    assert [one.confidence for one in faces] == [0.99, 0.98]
    assert (requests[0].url.path, dict(requests[0].url.params)) == (
        "/v1/crops", {"bundle": "small", "threshold": "0.3"},
    )  # fmt: skip
    assert client.classify(np.zeros((0, 8, 8), np.uint8)) == []
    with pytest.raises(mien.ImageError, match="expected faces"):
        client.classify([[1]])


def test_a_problem_is_an_error_with_its_fields(fake):
    client, _ = fake((413, problem(413, "too-large", errors=[{"where": "body"}])))
    with pytest.raises(mien.ServerError, match=r"^why$") as caught:
        client(PIXELS)
    error = caught.value
    assert (error.status, error.kind, error.title, error.errors) == (
        413, "too-large", "A title", [{"where": "body"}],
    )  # fmt: skip


def test_an_unreadable_image_is_an_image_error(fake):
    parts = [{"source": "image-1", "detail": "image-1: not an image"}]
    client, _ = fake((422, problem(422, "unreadable-image", errors=parts)))
    with pytest.raises(mien.ImageError, match=r"^image: not an image$"):
        client(b"text")
    client, _ = fake((422, problem(422, "unreadable-image")))
    with pytest.raises(UnreadableImageError, match="why"):
        client(b"text")


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (200, b"<html>", "not JSON"),
        (200, b"\xff", "not JSON"),
        (200, b"[" * 100_000, "not JSON"),
        (200, {}, "no key 'detector'"),
        (200, [1], "expected an object"),
        (200, answer(1, 2), "2 results of 1 image"),
        (200, answer(2), "a result of 'image-2', expected one of 'image-1'"),
        (200, {"detector": "a", "results": [{"source": "image-1"}]}, "no key 'width'"),
        (200, {"detector": "a", "results": [{"source": "image-1", "error": 5}]}, "error is 5"),
        (404, {"detail": "Not Found", "type": "about:blank"}, "HTTP status 404: Not Found; is the address"),
        (500, b"Internal Server Error", "HTTP status 500"),
        (500, {"detail": 5, "errors": "x", "type": 7, "title": None}, "HTTP status 500"),
        (302, b"", "HTTP status 302"),
    ],
)
def test_other_answers_are_one_line(fake, status, content, message):
    client, _ = fake((status, content))
    with pytest.raises(mien.ServerError) as caught:
        client(PIXELS)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_endless_answers_are_refused(fake, monkeypatch):
    monkeypatch.setattr("mien.client.answers.MAX_TEXT_BYTES", 10)
    client, _ = fake((200, b"x" * 11))
    with pytest.raises(mien.ServerError, match="more than"):
        client.health()


BUSY = (429, problem(429, "queue-full"), {"Retry-After": "2"})


@pytest.fixture
def slept(monkeypatch):
    """The seconds of all pauses; none is made."""
    seconds = []

    async def pause(wanted):
        seconds.append(wanted)

    monkeypatch.setattr(sending.time, "sleep", seconds.append)
    monkeypatch.setattr(sending.asyncio, "sleep", pause)
    return seconds


def test_a_busy_server_is_asked_again(fake, slept):
    client, requests = fake(BUSY, BUSY, (200, answer(1)))
    assert client(PIXELS)
    assert (len(requests), slept) == (3, [2.0, 2.0])
    assert requests[0].content == requests[2].content or len(requests[0].content) == len(requests[2].content)


def test_patience_has_an_end(fake, slept):
    client, requests = fake(BUSY, patience=5)
    with pytest.raises(mien.ServerError, match="why") as caught:
        client(PIXELS)
    assert (caught.value.status, caught.value.retry_after, slept) == (429, 2.0, [2.0, 2.0])
    client, requests = fake((429, problem(429, "queue-full"), {"Retry-After": "0"}), patience=1)
    with pytest.raises(mien.ServerError):
        client(PIXELS)
    assert 10 <= len(requests) <= 12
    assert slept[2] == pytest.approx(0.1)


def test_readiness_is_not_waited_for(fake, slept):
    client, _ = fake((503, problem(503, "not-ready"), {"Retry-After": "1"}))
    assert client.ready() is False
    assert slept == []
    assert fake((200, {"status": "ok", "version": "1"}))[0].ready() is True


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (httpx2.ConnectError("refused"), r"can't connect \(refused\); is mien serve running there\?"),
        (httpx2.ReadTimeout("slow"), "no answer within 60 seconds"),
        (httpx2.RemoteProtocolError("cut"), r"the connection failed \(cut\)"),
        (OSError(5, "broken"), "the connection failed"),
    ],
)
def test_errors_of_the_connection_are_one_line(fake, error, message):
    client, _ = fake(error)
    with pytest.raises(mien.ServerError, match=f"^http://127.0.0.1:8000: {message}"):
        client.health()


def test_what_a_server_has(fake):
    found = fake((200, BUNDLES))[0].bundles()
    assert (found.bundles[0].name, found.bundles[0].threshold, found.detectors) == ("small", 0.5, ("auto",))
    assert fake((200, {"status": "ok", "version": "1.2"}))[0].health() == ("ok", "1.2")
    assert fake((200, b"# HELP"))[0].metrics() == "# HELP"


def test_the_token_is_sent(fake):
    client, requests = fake((200, b""), token="secret-of-the-server")
    client.metrics()
    assert requests[0].headers["authorization"] == "Bearer secret-of-the-server"
    assert "secret" not in repr(client)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"address": "ftp://host"}, "address 'ftp://host': expected"),
        ({"address": "http://host:port"}, "address"),
        ({"address": "a b"}, "address"),
        ({"address": ""}, "address"),
        ({"address": 5}, "address=5, expected a string"),
        ({"token": "geh\u00e4im"}, "token: expected"),
        ({"token": "a\nb"}, "token: expected"),
        ({"address": "http://me:secret@host"}, "address: has a name and a password"),
        ({"timeout": 0}, "timeout 0: expected"),
        ({"timeout": float("inf")}, "timeout inf: expected"),
        ({"patience": -1}, "patience -1: expected"),
        ({"threshold": 2}, "threshold 2: expected"),
        ({"min_face": -1}, "min_face"),
        ({"max_faces": "2"}, "max_faces='2'"),
    ],
)
def test_wrong_arguments_are_one_line(options, message):
    with pytest.raises(mien.MienError, match=f"^{message}") as caught:
        mien.Client(**options)
    assert "secret" not in str(caught.value)


def test_a_closed_client_says_so(fake):
    client, _ = fake((200, b""))
    with client:
        client.metrics()
    with pytest.raises(mien.ServerError, match="closed"):
        client.metrics()


def test_without_httpx_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "httpx2", None)
    monkeypatch.delitem(__import__("sys").modules, "mien.client.sending")
    monkeypatch.delitem(__import__("sys").modules, "mien.client.connection")
    with pytest.raises(mien.MissingExtraError, match=r"mien\[client\]"):
        mien.Client()


def test_the_asynchronous_client_does_the_same(fake, slept):
    def made(*answers, **options):
        return fake(*answers, asynchronous=True, **options)[0]

    async def main():
        async with made(BUSY, (200, answer(1))) as client:
            assert (await client(PIXELS))[0].confidence == 0.99
        assert (await made((200, answer(1))).recognize(PIXELS)).image.shape == (4, 6, 3)
        assert len(await made((200, answer(1, 2))).batch([PIXELS, PIXELS])) == 2
        assert len(await made((200, answer(1))).classify(np.zeros((1, 8, 8), np.uint8))) == 1
        assert (await made((200, BUNDLES)).bundles()).detectors == ("auto",)
        assert await made((200, {"status": "ok", "version": "1"})).ready()
        assert (await made((200, {"status": "ok", "version": "1"})).health()).version == "1"
        assert await made((200, b"# HELP")).metrics() == "# HELP"
        with pytest.raises(mien.ServerError, match="can't connect"):
            await made(httpx2.ConnectError("refused")).health()
        with pytest.raises(mien.ImageError, match="call the client itself"):
            await made((200, b"")).batch("path")

    asyncio.run(main())
    assert slept == [2.0]
