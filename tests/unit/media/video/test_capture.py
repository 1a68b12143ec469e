import http.server
import os
import threading
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition

from mien.errors import ImageError
from mien.media.video.capture import opened, video_info
from mien.media.video.frames import read_frames
from mien.media.video.source import DEFAULT_RATE, name_of
from video_builders import film, picture, uneven, walk


def test_a_file_says_what_it_is(tmp_path):
    path = film(tmp_path / "a.mp4", walk(20), fps=10)
    info = video_info(path)
    assert (info.name, info.fps, info.frames, info.live, info.seconds) == (str(path), 10, 20, False, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file, expected a video"),
        (b"hello\n" * 1000, "not a video that can be read"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00", "not a video that can be read"),
    ],
    ids=["empty", "text", "sound"],
)
def test_what_is_no_video_is_told_in_one_line(tmp_path, content, message):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        video_info(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{}/none.mp4", "none.mp4: no such file, expected a video"),
        ("{}", ": a folder, expected a video"),
        (99, "webcam 99 can't be opened; connect it"),
        (-1, "webcam -1: expected a number from 0 to 999"),
        (10**11, "webcam 100000000000: expected a number from 0 to 999"),
        pytest.param(10**5000, "webcam number: expected a number from 0 to 999", id="huge"),
        ("a\0b.mp4", "a path with a null byte"),
        ("a\ud800.mp4", "characters that no file name can have"),
        (300 * "x" + ".mp4", "a name of 304"),
        ("rtsp://a\0", "characters that no address has"),
        ("http://a\ud800", "characters that no address has"),
        ("http://me:s3cret@a\ud800", r"http://me:\*\*\*@a"),
        (1.5, "float: expected a video"),
        (None, "NoneType: expected a video: a path, an address, or the number of a webcam"),
        (True, "bool: expected a video"),
        (b"a.mp4", "bytes: expected a video"),
        ("http://127.0.0.1:9/a.mp4", "http://127.0.0.1:9/a.mp4: no video stream can be opened there"),
        ("rtsp://127.0.0.1:9/a", "rtsp://127.0.0.1:9/a: no video stream can be opened there"),
    ],
)
def test_what_is_not_there_is_told(tmp_path, source, message):
    where = source.format(tmp_path) if isinstance(source, str) else source
    with pytest.raises(ImageError, match=message):
        video_info(where)


def test_the_cover_of_a_song_is_no_video(tmp_path):
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w", format="mp4") as file:
        cover = file.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 16, 16, "rgb24"
        cover.disposition = Disposition.attached_pic.value
        file.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), "rgb24")))
        file.mux(cover.encode(None))
    with pytest.raises(ImageError, match=r"a.m4a: no video stream in it; expected a video"):
        video_info(path)


def test_a_name_that_is_not_utf8_is_opened(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.mp4"))
    film(tmp_path / "a.mp4", walk(3)).rename(path)
    assert video_info(path).frames == 3


def test_a_name_with_a_colon_is_no_protocol(tmp_path, monkeypatch):
    film(tmp_path / "a.mp4", walk(3)).rename(tmp_path / "http:b.mp4")
    monkeypatch.chdir(tmp_path)
    assert video_info("http:b.mp4").frames == 3


def test_a_source_is_closed_at_the_end(tmp_path):
    with opened(film(tmp_path / "a.mp4", walk(3))) as video:
        pass
    with pytest.raises(AssertionError, match="not open"):
        next(video.frames())


def test_an_implausible_rate_is_ignored(tmp_path):
    path = uneven(tmp_path / "b.gif", [picture(), picture((1, 1, 9, 0))], [60_000, 60_000])
    assert video_info(path).fps in (DEFAULT_RATE, pytest.approx(1 / 60, rel=0.5))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (2, "webcam 2"),
        ("a:b@c.mp4", "a:b@c.mp4"),
        ("rtsp://me:s3cret@camera:554/a", "rtsp://me:***@camera:554/a"),
        ("http://camera:80/a@b", "http://camera:80/a@b"),
    ],
)
def test_names_tell_no_passwords(source, name):
    assert name_of(source) == name


def test_errors_tell_no_passwords():
    with pytest.raises(ImageError, match=r"^rtsp://me:\*\*\*@127.0.0.1:9/a: no video"):
        video_info("rtsp://me:s3cret@127.0.0.1:9/a")


@pytest.fixture
def server():
    """Serves /film, a file, and /camera, pictures one after the other without end, as cameras do."""

    class Handler(http.server.BaseHTTPRequestHandler):
        film = b""

        def do_GET(self):
            self.send_response(200)
            if self.path == "/film":
                self.send_header("Content-Length", str(len(self.film)))
                self.end_headers()
                self.wfile.write(self.film)
                return
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=b")
            self.end_headers()
            for image in walk(30):
                jpeg = cv2.imencode(".jpg", image)[1].tobytes()
                head = f"--b\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_camera_behind_http_is_live_and_its_end_is_told(server):
    address = f"http://127.0.0.1:{server.server_port}/camera"
    said = []
    frames = list(read_frames(address, notice=said.append))
    assert frames
    assert frames[0].image.shape == (120, 160, 3)
    assert [f"{address}: no more frames after " in line for line in said] == [True]


def test_a_film_behind_http_is_a_file(server, tmp_path):
    server.RequestHandlerClass.film = film(tmp_path / "a.webm", walk(20)).read_bytes()
    address = f"http://127.0.0.1:{server.server_port}/film"
    assert not video_info(address).live
    assert [frame.number for frame in read_frames(address, notice=print)] == list(range(20))
