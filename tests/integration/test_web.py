"""A site without a server, in Chromium: the same faces as in Python, also offline. Needs the npm registry."""

import http.server
import json
import re
import shutil
import threading
from contextlib import contextmanager
from functools import partial

import av
import numpy as np
import pytest
from PIL import Image

import mien
from mien.data.synthetic import generate_faces
from mien.errors import MienError
from mien.web.ort_files import runtime_files
from picture_builders import scene

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

SECONDS = 120_000
"""Milliseconds that a step may take on a busy machine."""

CROPS = 4


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def static_host(folder):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def browser():
    from playwright.sync_api import sync_playwright

    words = ["--no-sandbox", "--use-fake-device-for-media-stream"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=words)
        context = chromium.new_context(permissions=["camera"])
        page = context.new_page()
        page.set_default_timeout(SECONDS)
        page.requests, page.errors = [], []
        context.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on(
            "console", lambda message: page.errors.append(message.text) if message.type == "error" else None
        )
        yield page
        chromium.close()


def write_images(folder):
    """Write cropped faces and images with faces; return their paths."""
    crops = {f"crop{at}.png": one for at, one in enumerate(generate_faces(CROPS, seed=3).images)}
    scenes = {
        "two.png": scene([("happy", 20, 40, 110), ("surprise", 190, 80, 90)], (320, 240)),
        "tilted.png": np.asarray(
            Image.fromarray(scene([("sad", 80, 40, 150)], (320, 240))).rotate(25, fillcolor=(150, 160, 170))
        ),
    }
    for name, pixels in (crops | scenes).items():
        Image.fromarray(pixels).save(folder / name)
    return [folder / name for name in crops], [folder / name for name in scenes]


def recognized(page, paths, detector, folder):
    """Give files to the page, and return what it saves as JSON."""
    page.click("#tab-images")
    page.select_option("#images-detector", detector)
    page.set_input_files("#files", paths)
    page.wait_for_selector(f"#images-status:has-text('{len(paths)} images, ')")
    with page.expect_download() as download:
        page.click("#images-json")
    download.value.save_as(folder / "faces.json")
    page.click("#images-clear")
    return json.loads((folder / "faces.json").read_text())


def write_film(path):
    """Write a video of half a second with one face."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for _ in range(5):
            image = scene([("surprise", 100, 60, 120)], (320, 240))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def assert_same(found, paths, detector, tolerance):
    recognizer = mien.load("small", detector=detector, engine="onnx", threads=1)
    for here, path in zip(found, paths, strict=True):
        there = recognizer.recognize(path, keep_image=False).to_dict()
        assert (here["source"], len(here["faces"])) == (path.name, len(there["faces"]))
        for one, other in zip(here["faces"], there["faces"], strict=True):
            assert (one["label"], one["uncertain_reason"]) == (other["label"], other["uncertain_reason"])
            assert one["box"] == pytest.approx(other["box"], abs=1)
            assert one["tilt"] == pytest.approx(other["tilt"], abs=1)
            assert one["probabilities"] == pytest.approx(other["probabilities"], abs=tolerance)


def test_a_site_recognizes_as_python_does_and_works_offline(tmp_path):
    try:
        runtime_files(None, offline=False, notice=lambda _: None)
    except MienError as error:
        pytest.skip(f"needs ONNX Runtime Web: {error}")
    site = mien.export_web("small", out=tmp_path / "site", detectors=("mtcnn", "whole"), offline=True)
    crops, scenes = write_images(tmp_path)
    with static_host(site) as address, browser() as page:
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        assert_same(recognized(page, crops, "whole", tmp_path), crops, "whole", 0.02)
        assert all(re.match(rf"blob:|{address}", url) for url in page.requests)

        page.context.set_offline(True)
        page.reload()
        page.wait_for_selector("body[data-ready]")
        assert page.evaluate("crossOriginIsolated")
        assert_same(recognized(page, scenes, "mtcnn", tmp_path), scenes, "mtcnn", 0.05)

        page.click("#tab-video")
        page.select_option("#video-detector", "whole")
        page.set_input_files("#video-file", write_film(tmp_path / "film.webm"))
        page.wait_for_selector("#jobs:has-text('5 frames, 5 faces')")

        page.click("#tab-live")
        page.select_option("#live-detector", "whole")
        page.click("#start")
        page.wait_for_selector("#now .person:has-text('Person 1')")
        page.wait_for_selector("#live-status:has-text('frames/s')")
        page.click("#stop")
        assert page.errors == []
