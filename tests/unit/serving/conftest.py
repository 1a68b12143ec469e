"""A server with a tiny bundle, and a detector of bright squares."""

import pytest
from starlette.testclient import TestClient

import mien.serving.catalog
from bundle_builders import tiny_bundle
from mien.serving.app import create_app
from mien.serving.options import ServerOptions
from photo_builders import LevelDetector


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory):
    """The file of a bundle."""
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny.onnx")


@pytest.fixture
def options(tiny_file, tmp_path_factory):
    """Return options of a server, with changes."""

    def changed(**changes):
        jobs = tmp_path_factory.mktemp("jobs")
        fields = {
            "bundles": (str(tiny_file),),
            "detectors": ("levels", "whole"),
            "engine": "onnx",
            "threads": 2,
            "jobs": jobs,
        }
        return ServerOptions(**(fields | changes))

    return changed


@pytest.fixture
def server(options, monkeypatch):
    """Return a client of a server whose options have changes."""
    make = mien.serving.catalog.make_detector
    monkeypatch.setattr(
        mien.serving.catalog,
        "make_detector",
        lambda name, given: LevelDetector() if name == "levels" else make(name, given),
    )
    opened = []

    def start(**changes):
        client = TestClient(create_app(options(**changes)), base_url="http://localhost:8000")
        opened.append(client)
        return client.__enter__()

    yield start
    for client in opened:
        client.__exit__(None, None, None)
