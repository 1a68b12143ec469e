import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mien.detection.yunet import download
from mien.detection.yunet.download import FILE, fetch_yunet
from mien.errors import DetectorError
from mien.files.caches import cache_folder

NETWORK = bytes(range(256)) * 300


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        {"/good": self.good, "/gone": self.gone, "/bad": self.bad, "/cut": self.cut, "/huge": self.huge,
         "/moved": self.moved, "/silent": self.silent, "/drip": self.drip}[self.path]()  # fmt: skip

    def answer(self, content, length=None):
        self.send_response(200)
        self.send_header("Content-Length", str(length or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def good(self):
        self.answer(NETWORK)

    def gone(self):
        self.send_error(404)

    def bad(self):
        self.answer(NETWORK[::-1])

    def cut(self):
        self.answer(NETWORK[:1000], len(NETWORK))

    def huge(self):
        self.answer(NETWORK + b"more")

    def moved(self):
        self.send_response(302)
        self.send_header("Location", "/good")
        self.end_headers()

    def silent(self):
        self.server.over.wait(10)

    def drip(self):
        self.send_response(200)
        self.end_headers()
        while not self.server.over.wait(0.05):
            self.wfile.write(b"x")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def running():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.over = True, threading.Event()
    server.handle_error = lambda *_: None  # a client that gave up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.socket.close()


@pytest.fixture
def server(running, monkeypatch, tmp_path):
    """A server that stands for both sources, whose `serve` says what they answer."""
    running.asked = []
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "SHA256", hashlib.sha256(NETWORK).hexdigest())
    monkeypatch.setattr(download, "SIZE", len(NETWORK))
    address = f"http://127.0.0.1:{running.server_address[1]}"
    running.serve = lambda *paths: monkeypatch.setattr(
        download, "SOURCES", [address + path for path in paths]
    )
    running.serve()
    return running


def fetched(said=None, *, offline=False):
    return fetch_yunet(offline=offline, notice=[].append if said is None else said.append)


def test_the_pins_are_those_of_the_real_file(yunet):
    assert download.is_known_yunet(yunet.read_bytes())


def test_it_is_downloaded_once_with_one_line_that_says_so(server):
    server.serve("/good", "/gone")
    said = []
    assert fetched(said) == fetched(said) == NETWORK
    assert server.asked == ["/good"]
    (line,) = said
    assert "downloaded the face detector YuNet" in line
    assert str(cache_folder("models") / FILE) in line
    assert [path.name for path in cache_folder("models").iterdir()] == [FILE]


@pytest.mark.parametrize("first", ["/gone", "/bad", "/cut", "/huge"])
def test_the_second_source_stands_in_for_the_first(server, first):
    server.serve(first, "/good")
    assert fetched() == NETWORK
    assert server.asked == [first, "/good"]


def test_redirections_are_followed(server):
    server.serve("/moved")
    assert fetched() == NETWORK


@pytest.mark.parametrize("damage", [b"", NETWORK[:-1], NETWORK + b"x", NETWORK[::-1]])
def test_a_damaged_file_in_the_cache_is_downloaded_again(server, damage):
    server.serve("/good")
    cache_folder("models").mkdir(parents=True)
    (cache_folder("models") / FILE).write_bytes(damage)
    assert fetched() == NETWORK
    assert (cache_folder("models") / FILE).read_bytes() == NETWORK


def test_a_failed_download_names_every_source_and_the_manual_way(server):
    server.serve("/gone", "/bad")
    with pytest.raises(DetectorError) as caught:
        fetched()
    message = str(caught.value)
    for part in ("HTTP Error 404", "not the expected file", "MIEN_YUNET to its path"):
        assert part in message
    assert not cache_folder("models").exists()


def test_a_file_that_is_too_large_is_named_without_numbers_of_the_system(server):
    server.serve("/huge")
    with pytest.raises(DetectorError, match=r": over [^;\[]*\);"):
        fetched()


def test_offline_uses_the_cache_only(server):
    server.serve("/good")
    with pytest.raises(DetectorError, match=r"no YuNet in .*models, and offline; .*set MIEN_YUNET"):
        fetched(offline=True)
    assert server.asked == []
    fetched()
    assert fetched(offline=True) == NETWORK


def test_a_refused_connection_fails_at_once(server):
    download.SOURCES.append("http://127.0.0.1:9/nobody")  # the port of discard
    with pytest.raises(DetectorError, match=r"can't be downloaded .*refused"):
        fetched()


def test_after_a_timeout_the_next_source_is_tried(server, monkeypatch):
    monkeypatch.setattr(download, "SOURCE_TIMEOUT", 0.5)
    server.serve("/silent", "/good")
    assert fetched() == NETWORK


@pytest.mark.parametrize("path", ["/silent", "/drip"])
def test_all_sources_together_have_a_timeout(server, monkeypatch, path):
    monkeypatch.setattr(download, "TOTAL_TIMEOUT", 0.2)
    monkeypatch.setattr(download, "SOURCE_TIMEOUT", 600)
    server.serve(path)
    with pytest.raises(DetectorError, match=r"no answer within 0\.2 seconds; download .*MIEN_YUNET"):
        fetched()


def test_a_download_that_cannot_be_cached_is_used(server, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "file"))
    server.serve("/good")
    said = []
    assert fetched(said) == NETWORK
    (line,) = said
    assert "it will be downloaded again: " in line
    assert "can't write" in line
