"""The clients and a server of the same process, over real sockets."""

import asyncio
import threading
import time

import numpy as np
import pytest
import uvicorn

import mien
from bundle_builders import gray_of, tiny_bundle
from mien.serving.app import create_app
from mien.serving.options import ServerOptions
from photo_builders import photo
from video_builders import film, walk

TOKEN = "token-of-the-test-server"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny.onnx")


@pytest.fixture(scope="module")
def address(bundle, tmp_path_factory):
    """The address of a server whose images are one face each."""
    options = ServerOptions(
        bundles=(str(bundle),), detectors=("whole",), engine="onnx", threads=1, token=TOKEN,
        jobs=tmp_path_factory.mktemp("jobs"),
    )  # fmt: skip
    config = uvicorn.Config(create_app(options), port=0, log_config=None, ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return film(tmp_path_factory.mktemp("videos") / "talk.mp4", walk(6))


PHOTOS = [photo((0, 0, 60, gray_of(name)), size=(60, 60)) for name in ("sad", "happy")]
PIXELS = np.full((64, 64, 3), 200, np.uint8)


def dicts(faces):
    return [face.to_dict() for face in faces]


def test_a_server_answers_as_a_recognizer(address, bundle, video):
    local = mien.load(bundle, detector="whole", engine="onnx", threads=1)
    with mien.Client(address, token=TOKEN) as client:
        assert client.ready()
        assert client.health().version == mien.__version__
        assert client.bundles().bundles[0].classes == local.classes
        for image in (PHOTOS[0], PIXELS, PIXELS[:, :, 0]):
            assert client.recognize(image).to_dict() == local.recognize(image).to_dict()
        assert list(map(dicts, client.batch(PHOTOS))) == list(map(dicts, local.batch(PHOTOS)))
        crops = np.random.default_rng(0).integers(0, 256, (3, 48, 48), np.uint8)
        assert dicts(client.classify(crops)) == dicts(local.classify(crops))
        frames = list(client.stream(video, every=2))
        assert [frame.frame for frame in frames] == [0, 2, 4]
        assert [dicts(one.faces) for one in frames] == [
            dicts(one.faces) for one in local.stream(video, every=2)
        ]
        assert client.jobs() == []
        with client.live() as live:
            assert [live.recognize(PIXELS).frame for _ in range(2)] == [0, 1]
            with pytest.raises(mien.ServerError, match="not an image"):
                live.recognize(b"text")
        with pytest.raises(mien.ImageError, match="image 2: not an image"):
            client.batch([PHOTOS[0], b"text"])


def test_coroutines_do_the_same(address, video):
    async def main():
        async with mien.AsyncClient(address, token=TOKEN) as client:
            found = await asyncio.gather(*[client(PHOTOS[number % 2]) for number in range(8)])
            assert [faces[0].label for faces in found] == ["sad", "happy"] * 4
            assert [one.frame async for one in client.stream(video, every=2)] == [0, 2, 4]
            async with client.live() as live:
                assert (await live.recognize(PIXELS)).frame == 0
                assert live.milliseconds > 0

    asyncio.run(main())


def test_without_the_token_nothing_is_answered(address):
    with mien.Client(address) as client, pytest.raises(mien.ServerError) as caught:
        client(PHOTOS[0])
    assert (caught.value.status, caught.value.kind) == (401, "unauthorized")
    with pytest.raises(mien.ServerError) as caught, mien.Client(address).live():
        pass
    assert (caught.value.status, caught.value.kind) == (401, "unauthorized")
