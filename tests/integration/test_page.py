"""The page of `mien serve` in Chromium, with a fake camera and with files. Skipped without Chromium."""

import json
import shutil
import threading
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
import uvicorn

import mien.serving.catalog
from bundle_builders import gray_of, tiny_bundle
from mien.detection.boxes import read_boxes
from mien.serving.app import create_app
from mien.serving.options import ServerOptions
from photo_builders import LevelDetector, photo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

WIDTH, HEIGHT = 160, 120
SECONDS = 60_000
"""Milliseconds that a step may take on a busy machine."""


@contextmanager
def server(folder, monkeypatch):
    """Serve in a thread, with a tiny bundle and a detector of bright squares; yield the address."""
    monkeypatch.setattr(mien.serving.catalog, "make_detector", lambda *_: LevelDetector())
    bundle = tiny_bundle(folder / "tiny.onnx")
    app = create_app(
        ServerOptions(
            bundles=(str(bundle),), detectors=("levels",), engine="onnx", threads=1, jobs=folder / "jobs"
        )
    )
    instance = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="websockets-sansio"))
    thread = threading.Thread(target=instance.run)
    thread.start()
    try:
        while not instance.started:
            assert thread.is_alive()
        yield f"http://127.0.0.1:{instance.servers[0].sockets[0].getsockname()[1]}"
    finally:
        instance.should_exit = True
        thread.join()


def camera(path, level):
    """Write a raw film, of which Chromium makes a camera: a bright square on black."""
    luma = np.full((HEIGHT, WIDTH), 16, np.uint8)
    luma[30:80, 40:90] = 16 + level * 219 // 255
    frame = b"FRAME\n" + luma.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F30:1 Ip A1:1 C420jpeg\n".encode() + 30 * frame)
    return path


@contextmanager
def browser(*, film=None, allowed=True):
    """Yield a page of Chromium that records its requests and errors."""
    from playwright.sync_api import sync_playwright

    words = ["--no-sandbox", "--use-fake-device-for-media-stream"]
    words += [] if film is None else [f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=words)
        context = chromium.new_context(permissions=["camera"] if allowed else [])
        page = context.new_page()
        page.set_default_timeout(SECONDS)
        page.requests, page.errors = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on(
            "console", lambda message: page.errors.append(message.text) if message.type == "error" else None
        )
        yield page
        chromium.close()


def saved(page, button, path):
    """Click a button that saves a file, and return the file."""
    with page.expect_download() as download:
        page.click(button)
    download.value.save_as(path)
    return path


def test_images_are_recognized_listed_filtered_and_saved(tmp_path, monkeypatch):
    two = photo((5, 10, 40, gray_of("surprise")), (60, 10, 48, gray_of("happy")))
    (tmp_path / "two.png").write_bytes(two)
    (tmp_path / "broken.png").write_bytes(b"no image")
    with server(tmp_path, monkeypatch) as address, browser() as page:
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        page.click("#tab-images")
        page.set_input_files("#files", [tmp_path / "two.png", tmp_path / "broken.png"])
        page.wait_for_selector("#images-status:has-text('1 images, 2 faces')")
        assert "broken.png: not an image" in page.inner_text("#gallery .failed")
        assert page.locator("#faces tr").count() == 2
        page.select_option("#filter-label", "happy")
        assert "happy" in page.inner_text("#faces tr")
        page.click(".face-button")
        assert page.inner_text("#face-title").startswith("happy, ")
        page.keyboard.press("Escape")
        page.select_option("#filter-label", "")

        faces = json.loads(saved(page, "#images-json", tmp_path / "faces.json").read_text())
        assert [face["label"] for face in faces[0]["faces"]] == ["surprise", "happy"]
        boxes = read_boxes(saved(page, "#images-csv", tmp_path / "faces.csv"))
        assert [tuple(one.box) for one in boxes.of("two.png")] == [(5, 10, 40, 40), (60, 10, 48, 48)]
        with zipfile.ZipFile(saved(page, "#images-zip", tmp_path / "drawn.zip")) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["two.jpg"]
        assert all(url.startswith((address, "blob:")) for url in page.requests)
        assert [error for error in page.errors if "422" not in error] == []


def test_the_camera_is_recognized_live(tmp_path, monkeypatch):
    film = camera(tmp_path / "film.y4m", gray_of("happy"))
    with server(tmp_path, monkeypatch) as address, browser(film=film) as page:
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        page.click("#start")
        page.wait_for_selector("#now .person:has-text('happy')")
        page.wait_for_selector("#live-status:has-text('frames/s')")
        page.click("#pause")
        assert page.get_attribute("#pause", "aria-pressed") == "true"
        page.click("summary:has-text('Save')")
        lines = saved(page, "#save-jsonl", tmp_path / "live.jsonl").read_text().splitlines()
        assert {face["label"] for line in lines for face in json.loads(line)["faces"]} == {"happy"}
        assert saved(page, "#save-timeline", tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")
        page.click("#stop")
        assert page.is_visible("#live-start")
        assert page.errors == []


def test_a_refused_camera_is_explained(tmp_path, monkeypatch):
    with server(tmp_path, monkeypatch) as address, browser(allowed=False) as page:
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        page.click("#start")
        page.wait_for_selector("#problem:has-text('The browser may not use the camera')")
        assert page.is_visible("#start")


def test_tabs_work_by_keyboard_and_models_are_described(tmp_path, monkeypatch):
    with server(tmp_path, monkeypatch) as address, browser() as page:
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        page.focus("#tab-live")
        page.keyboard.press("ArrowLeft")
        assert page.get_attribute("#tab-models", "aria-selected") == "true"
        assert "tiny (default)" in page.inner_text("#model-cards")
        assert "95 % confidence interval" in page.inner_text("#model-cards")
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("button, select, input, canvas[role=img]")].filter(one =>
              !(one.textContent.trim() || one.ariaLabel || one.labels?.length)).map(one => one.id)"""
        )
        assert unnamed == []
