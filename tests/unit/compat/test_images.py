"""What deepface and fer accept as an image."""

import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import cv2
import numpy as np
import pytest

from mien.compat.images import UnreadableTypeError, read_pixels
from mien.errors import ImageError

IMAGE = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
PNG = bytes(cv2.imencode(".png", IMAGE)[1])


@pytest.fixture
def address():
    """The address of a server with /a.png, a PNG, and nothing else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/a.png" else 404)
            self.end_headers()
            self.wfile.write(PNG if self.path == "/a.png" else b"")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_arrays_are_bgr():
    assert np.array_equal(read_pixels(IMAGE), IMAGE[:, :, ::-1])


@pytest.mark.parametrize("scale", [1, 255])
def test_floats_may_have_either_range(scale):
    assert np.array_equal(read_pixels(IMAGE / 255 * scale), IMAGE[:, :, ::-1])


def test_gray_arrays_are_images():
    assert np.array_equal(read_pixels(IMAGE[:, :, 0]), np.repeat(IMAGE[:, :, :1], 3, axis=2))


def test_addresses_are_fetched(address):
    assert np.array_equal(read_pixels(f"{address}/a.png"), IMAGE[:, :, ::-1])
    with pytest.raises(ImageError, match=r"b\.png: can't be fetched .*404"):
        read_pixels(f"{address}/b.png")


def test_large_answers_are_refused(address, monkeypatch):
    monkeypatch.setattr("mien.compat.images.MAX_IMAGE_BYTES", 10)
    with pytest.raises(ImageError, match="over 10 bytes"):
        read_pixels(f"{address}/a.png")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("data:image/png;base64,§", "not a data URI in base64"),
        ("data:image/png;base64,AAAA", "the given bytes"),
        ("http://", "can't be fetched"),
        (np.array([[np.nan]]), "the array"),
        (np.zeros((0, 2)), "the array"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(source, message):
    with pytest.raises(ImageError, match=message):
        read_pixels(source)


@pytest.mark.parametrize("source", [None, 3, ["a.png"], io.StringIO("x")])
def test_other_types_are_named(source):
    with pytest.raises(UnreadableTypeError, match=type(source).__name__):
        read_pixels(source)
