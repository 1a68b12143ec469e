"""How the application is run; the process is tested in tests/integration/test_serve.py."""

import socket
import sys

import pytest
from fastapi import FastAPI

from mien.errors import MienError
from mien.serving import server
from mien.serving.options import RequestLimits, ServerOptions


def test_threads_switch_often_while_the_server_runs(monkeypatch):
    seen = []
    monkeypatch.setattr(server, "_allow_files", lambda _: None)
    monkeypatch.setattr(server._Server, "run", lambda *_, **__: seen.append(sys.getswitchinterval()))
    before = sys.getswitchinterval()
    with socket.socket() as listener:
        server.run(FastAPI(), RequestLimits(), listener, lambda: None)
    assert seen[0] < before == sys.getswitchinterval()


def test_answers_are_sent_without_waiting_for_acknowledgments():
    with server._listening(ServerOptions(port=0)) as listener:
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"detectors": ("yunt",)}, "did you mean 'yunet'"), ({"engine": "nope"}, "'nope'")],
)
def test_unknown_names_are_refused_before_the_server_listens(changes, message, monkeypatch):
    monkeypatch.setattr(server, "_listening", lambda _: pytest.fail("listened"))
    with pytest.raises(MienError, match=message):
        server.serve(ServerOptions(**changes))
