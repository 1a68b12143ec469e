"""The page of `mien serve` in Chromium, with a fake camera and with files. Skipped without Chromium."""

import json
import re
import shutil
import threading
import zipfile
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import uvicorn

import mien.serving.catalog
from bundle_builders import gray_of, tiny_bundle
from mien.detection.provided.boxes import read_boxes
from mien.labels import EMOTIONS
from mien.output.writers.csv_table import encode_row
from mien.output.writers.rows import rows_of
from mien.recognition.columns import columns_of
from mien.recognition.face import Result
from mien.serving.app import create_app
from mien.serving.guard import SECURITY_HEADERS
from mien.serving.options import RequestLimits, ServerOptions
from photo_builders import LevelDetector, photo
from video_builders import film

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

WIDTH, HEIGHT = 160, 120
SECONDS = 60_000
"""Milliseconds that a step may take on a busy machine."""

VIDEO_BYTES = 1_000_000
"""Limit of the server."""

SECTIONS = ("live", "images", "video", "models")
MOST_BYTES = 150_000
"""Of all files of the page."""

CHECKS = Path(__file__).with_name("page_checks.js").read_text("utf-8")


class Serving:
    """A server in a thread that can be stopped and started again on the same port."""

    def __init__(self, options):
        self.options, self.port, self.stop = options, 0, lambda: None

    def start(self):
        server = uvicorn.Server(
            uvicorn.Config(create_app(self.options), port=self.port, log_config=None, ws="websockets-sansio")
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive()
        self.port = server.servers[0].sockets[0].getsockname()[1]

        def stop():
            server.should_exit = True
            thread.join()

        self.stop = stop

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"


def camera(path, level):
    """Write a raw film, of which Chromium makes a camera: a bright square on black."""
    luma = np.full((HEIGHT, WIDTH), 16, np.uint8)
    luma[30:80, 40:90] = 16 + level * 219 // 255
    frame = b"FRAME\n" + luma.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F30:1 Ip A1:1 C420jpeg\n".encode() + 30 * frame)
    return path


def images(*faces):
    """Yield frames of 2 seconds with squares of (left, gray level, seconds) on black."""
    for at in range(20):
        image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        for left, level, until in faces:
            image[30:80, left : left + 50] = level if at / 10 < until else 0
        yield image


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    """A server with a tiny bundle and a detector of bright squares."""
    folder = tmp_path_factory.mktemp("serving")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mien.serving.catalog, "make_detector", lambda *_: LevelDetector())
        bundle = str(tiny_bundle(folder / "tiny.onnx"))
        found = Serving(
            ServerOptions(
                bundles=(bundle,),
                detectors=("levels",),
                engine="onnx",
                threads=1,
                jobs=folder / "jobs",
                limits=RequestLimits(video_bytes=VIDEO_BYTES),
            )
        )
        found.start()
        yield found
        found.stop()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Chromium with a camera that shows a happy face."""
    from playwright.sync_api import sync_playwright

    shown = camera(tmp_path_factory.mktemp("camera") / "film.y4m", gray_of("happy"))
    words = ["--no-sandbox", "--use-fake-device-for-media-stream"]
    words += [f"--use-file-for-fake-video-capture={shown}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=words)
        yield browser
        browser.close()


@pytest.fixture
def opened(serving, chromium):
    """A function that opens a section of the page in a new window, which records its requests and errors."""
    with ExitStack() as stack:
        yield lambda section="live", **options: stack.enter_context(
            window(chromium, f"{serving.address}/#{section}", **options)
        )


@contextmanager
def window(chromium, address, *, allowed=True, **options):
    context = chromium.new_context(permissions=["camera"] if allowed else [], **options)
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    page.requests, page.errors = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    yield page
    context.close()


def wrong(page, check):
    """Return what a check of `page_checks.js` finds wrong."""
    return page.evaluate(f"() => {{ {CHECKS}\nreturn {check}(); }}")


def saved(page, button, path):
    """Click a button that saves a file, and return the file."""
    with page.expect_download() as download:
        page.click(button)
    download.value.save_as(path)
    return path


def test_images_are_recognized_listed_filtered_and_saved(tmp_path, serving, opened):
    two = photo((5, 10, 40, gray_of("surprise")), (60, 10, 48, gray_of("happy")))
    (tmp_path / "two.png").write_bytes(two)
    (tmp_path / "broken.png").write_bytes(b"no image")
    (tmp_path / "notes.txt").write_bytes(b"text")
    page = opened("images")
    page.set_input_files("#files", [tmp_path / name for name in ("two.png", "broken.png", "notes.txt")])
    summary = "1 image, 2 faces; 1 image can't be read; 1 file left out (not images)"
    page.wait_for_selector(f'#images-status:has-text("{summary}")')
    assert "broken.png: not an image" in page.inner_text("#gallery .failed")
    assert page.locator("#faces tr").count() == 2
    page.select_option("#filter-label", "happy")
    assert "happy" in page.inner_text("#faces tr")
    page.click(".face-button")
    assert page.inner_text("#face-title").startswith("happy, ")
    page.click("#face-evidence button")
    page.wait_for_selector('#face-evidence img[src^="data:image/png"]')
    assert page.inner_text("#face-evidence strong").startswith("happy: ")
    page.keyboard.press("Escape")
    page.select_option("#filter-label", "")
    size = page.locator("#gallery img").bounding_box()
    page.click("#gallery img", position={"x": size["width"] * 25 / 120, "y": size["height"] * 30 / 90})
    assert page.inner_text("#face-title").startswith("surprise, ")
    page.keyboard.press("Escape")

    faces = json.loads(saved(page, "#images-json", tmp_path / "faces.json").read_text())
    assert [face["label"] for face in faces[0]["faces"]] == ["surprise", "happy"]
    table = saved(page, "#images-csv", tmp_path / "faces.csv")
    rows = [columns_of(EMOTIONS), *rows_of(Result.from_dict(faces[0]), EMOTIONS)]
    assert table.read_bytes() == b"".join(map(encode_row, rows))
    boxes = read_boxes(table)
    assert [tuple(one.box) for one in boxes.of("two.png")] == [(5, 10, 40, 40), (60, 10, 48, 48)]
    with zipfile.ZipFile(saved(page, "#images-zip", tmp_path / "drawn.zip")) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["two.jpg"]
    assert all(url.startswith((serving.address, "blob:", "data:")) for url in page.requests)
    assert [error for error in page.errors if "422" not in error] == []


def test_the_camera_is_recognized_live_also_after_a_restart(tmp_path, serving, opened):
    page = opened()
    page.click("#start")
    page.wait_for_selector("#now .person:has-text('happy')")
    page.wait_for_selector("#live-status:has-text('frames/s')")
    page.click("#record")
    page.wait_for_selector("#record-state:has-text('Recording: ')")
    serving.stop()
    page.wait_for_selector("#problem:has-text('Trying again')")
    serving.start()
    page.wait_for_selector("#problem", state="hidden")
    page.click("#pause")
    assert page.inner_text("#pause") == "Continue"
    lines = saved(page, "#save-jsonl", tmp_path / "live.jsonl").read_text().splitlines()
    results = [json.loads(line) for line in lines]
    assert {face["label"] for result in results for face in result["faces"]} == {"happy"}
    assert [result["frame"] for result in results] == list(range(len(results)))
    assert saved(page, "#save-timeline", tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")
    page.click("#stop")
    assert page.is_visible("#live-start")
    assert [error for error in page.errors if "WebSocket" not in error] == []


def test_a_refused_camera_is_explained(opened):
    page = opened(allowed=False)
    page.click("#start")
    page.wait_for_selector("#problem:has-text('The browser may not use the camera')")
    assert page.is_visible("#start")


def test_a_video_is_uploaded_processed_and_linked_with_its_timeline(tmp_path, opened):
    squares = images((10, gray_of("happy"), 3), (90, gray_of("sad"), 1))
    film(tmp_path / "two.mp4", squares, fps=10)
    (tmp_path / "no.mp4").write_bytes(b"no video")
    (tmp_path / "long.mp4").write_bytes(bytes(VIDEO_BYTES + 1))
    page = opened("video", viewport={"width": 1000, "height": 1400})
    page.set_input_files("#video-file", [tmp_path / "two.mp4"])
    page.wait_for_selector("#viewer-title:has-text('two.mp4')")
    page.wait_for_selector("#video-note", state="hidden")
    assert "Person 1: happy" in page.inner_text("#at")
    assert "Person 2: sad" in page.inner_text("#at")

    area = page.locator("#track-rows canvas").first
    size = area.bounding_box()
    area.click(position={"x": size["width"] * 0.75, "y": 20})
    page.wait_for_function("Math.abs(document.querySelector('#video-player').currentTime - 1.5) < 0.1")
    page.wait_for_selector("#at:not(:has-text('Person 2'))")
    page.click("#passages-table td:has-text('sad')")
    page.wait_for_selector("#at:has-text('Person 2: sad')")
    assert float(page.input_value("#seek")) == 0
    page.select_option("#video-person", "2")
    assert page.inner_text("#passages-table caption") == "1 of 2 passages"

    lines = saved(page, "#video-jsonl", tmp_path / "two.jsonl").read_text().splitlines()
    counts = [len(json.loads(line)["faces"]) for line in lines]
    assert (len(counts), counts[0], counts[-1]) == (20, 2, 1)
    assert len(saved(page, "#video-csv", tmp_path / "two.csv").read_text().splitlines()) == 1 + sum(counts)

    page.set_input_files("#video-file", [tmp_path / "long.mp4"])
    page.wait_for_selector("#problem:has-text('long.mp4 is too large')")
    page.set_input_files("#video-file", [tmp_path / "no.mp4"])
    page.wait_for_selector("#problem:has-text('no.mp4: not a video')")
    page.reload()
    page.wait_for_selector("#viewer-title:has-text('two.mp4')")
    page.wait_for_selector("#video-note:has-text('choose its file again')")
    page.click("[aria-label='Remove two.mp4']")
    page.wait_for_selector("#jobs li:has-text('two.mp4')", state="detached")
    assert page.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_sections_can_be_read_at_all_widths(scheme, opened):
    page = opened(color_scheme=scheme)
    for section in SECTIONS:
        page.click(f"#tab-{section}")
        assert wrong(page, "faint") == [], section
        assert wrong(page, "small") == [], section
        for width in (320, 360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert wrong(page, "overflowing") == [], (section, width)


def test_tabs_work_by_keyboard_and_controls_have_names(opened):
    page = opened()
    page.focus("#tab-live")
    page.keyboard.press("ArrowLeft")
    assert page.get_attribute("#tab-models", "aria-selected") == "true"
    assert "95 % confidence interval" in page.inner_text("#model-cards")
    assert wrong(page, "unnamed") == []
    tree = page.locator("body").aria_snapshot()
    for part in ('tab "Models" [selected]', 'tabpanel "Models"', 'heading "tiny default" [level=2]'):
        assert part in tree


def test_the_page_is_small_and_needs_nothing_inline():
    page = files("mien.serving").joinpath("page")
    contents = {file.name: file.read_text("utf-8") for file in page.iterdir()}
    assert sum(len(text.encode()) for text in contents.values()) < MOST_BYTES
    assert "unsafe" not in SECURITY_HEADERS["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", contents["index.html"])
    requests = re.compile(r"\b(fetch|WebSocket|EventSource|XMLHttpRequest)\(")
    assert {name[:7] for name, text in contents.items() if requests.search(text)} == {"server-"}
