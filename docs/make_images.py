"""Regenerate the images of the documentation from synthetic faces: `make images`, or names of some of them.

accuracy.png stays as it is: it is drawn from runs on FER2013. The screenshots need Chromium and the page of a
server, so that of `serve-live` takes about a minute. Faces are found by YuNet, whose file must be there.
"""

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

import terminal
from mien.detection.options import DetectorOptions
from mien.evaluation.shifts.detected import available_detectors
from mien.files.writing import write_bytes
from mien.labels import EMOTIONS
from scenes import (
    ANGRY,
    DISGUST,
    FEAR,
    HAPPY,
    NEUTRAL,
    SAD,
    SURPRISE,
    UNCERTAIN,
    face,
    film,
    photo,
    portrait,
    scene,
    talk,
    write,
)

IMAGES: Final = Path(__file__).resolve().parent / "images"
MIEN: Final = (sys.executable, "-m", "mien")

TIMEOUT: Final = 120_000
"""Milliseconds that a step of the browser may take."""

LARGEST: Final = 500_000
"""Bytes of an image."""

CAMERA: Final = "Object.defineProperty(MediaDeviceInfo.prototype, 'label', {get: () => 'Webcam'})"
"""Hides the path of the film that Chromium plays in place of a camera."""


def mien(*words: str) -> None:
    """Run a command of mien."""
    subprocess.run([*MIEN, *words], check=True)


def make_predict() -> None:
    """Draw the faces of a scene with their probabilities."""
    mien("predict", str(photo()), "--draw", "annotated")
    keep("predict", Path("annotated/photo.jpg"))


def make_terminal() -> None:
    """Show `mien predict` in a terminal."""
    photo()
    keep_terminal("terminal", "predict", "photo.jpg")


def make_webcam() -> None:
    """Show the live view of `mien webcam` in a terminal, with a video in place of the camera."""
    keep_terminal("webcam", "webcam", str(talk()), until=r"0:0[67]\..* 2 faces")


def make_explain() -> None:
    """Show the maps of four faces on the page of `mien explain`."""
    places = [(person, 10 + 245 * column, 15) for column, person in enumerate((HAPPY, SURPRISE, ANGRY, SAD))]
    write(Path("photo.png"), scene(*places, size=(1000, 270)))
    mien("explain", "photo.png", "-o", "explanation.html")
    with browser(1060, 700) as page:
        page.goto(Path("explanation.html").resolve().as_uri())
        page.locator(".explained-faces").screenshot(path="explain.png")
    keep("explain", Path("explain.png"))


def make_synthetic() -> None:
    """Draw one face of each emotion in color."""
    image = np.full((168, 7 * 136 + 8, 3), 255, np.uint8)
    for column, emotion in enumerate(EMOTIONS):
        left = 8 + 136 * column
        image[8:136, left : left + 128] = face(emotion, 11 + column, 128)
        (width, _), _ = cv2.getTextSize(emotion, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
        at = (left + 64 - width // 2, 156)
        cv2.putText(image, emotion, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1, cv2.LINE_AA)
    keep("synthetic", write(Path("synthetic.png"), image))


def make_timeline() -> None:
    """Draw the timeline of a video."""
    mien("predict", str(talk()), "--timeline", "talk.png", "--quiet", "-o", "talk.jsonl")
    keep("timeline", Path("talk.png"))


def make_report() -> None:
    """Show two parts of the report of a training on synthetic faces, side by side."""
    mien("train", "demo", "--data", "synthetic:6000", "-o", "demo", "--quiet")
    report = next(Path("demo/report").glob("**/report.html"))
    size = (980, 1262)
    parts = []
    with browser(*size) as page:
        page.goto(report.resolve().as_uri())
        for heading in ("demo", "Confusion matrix"):
            page.locator(f"h1:text-is('{heading}'), h2:text-is('{heading}')").first.evaluate(
                "heading => scrollTo(0, heading.getBoundingClientRect().top + scrollY - 30)"
            )
            page.screenshot(path=f"{len(parts)}.png")
            parts.append(np.asarray(Image.open(f"{len(parts)}.png").convert("RGB")))
    both = Image.fromarray(np.concatenate(parts, axis=1))
    both.resize((1360, round(1360 * both.height / both.width)), Image.Resampling.LANCZOS).save("both.png")
    keep("report", Path("both.png"))


def make_serve_live() -> None:
    """Show the page of `mien serve`, live with a film in place of the camera."""
    with server() as address, browser(1200, 860, film(Path("film.y4m"))) as page:
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        page.click("#start")
        page.wait_for_selector("#now .person")
        page.wait_for_timeout(32_000)  # the timeline fills
        # The beginning of an expression, since results lag behind the camera.
        for awaited in (False, True):
            wait_until(
                lambda awaited=awaited: (
                    bool(re.search(r"happy [89]\d", page.inner_text("#now .person"))) == awaited
                )
            )
        page.screenshot(path="live.png")
        page.click("#stop")
    keep("serve-live", Path("live.png"))


def make_serve_images() -> None:
    """Show the page of `mien serve` with the faces of images."""
    people = (HAPPY, SURPRISE, ANGRY, SAD, NEUTRAL, FEAR, DISGUST, UNCERTAIN)
    images = [portrait(Path(f"photo-{number}.png"), person) for number, person in enumerate(people, 1)]
    with server() as address, browser(1200, 860) as page:
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        page.click("#tab-images")
        page.set_input_files("#files", images)
        page.wait_for_selector(f"#images-status:text-matches('^{len(images)} images')")
        page.wait_for_function(f"document.querySelectorAll('#faces tr').length >= {len(images)}")
        page.screenshot(path="images.png")
    keep("serve-images", Path("images.png"))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition.

    Raises:
        SystemExit: It did not occur within `TIMEOUT`.
    """
    deadline = time.monotonic() + TIMEOUT / 1000
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("the page did not show what the image needs")


@contextmanager
def server() -> Iterator[str]:
    """Run `mien serve` on a free port and yield its address."""
    log = Path("serve.log")
    words = [*MIEN, "serve", "--port", "0", "--jobs", "jobs"]
    with log.open("w") as stream, subprocess.Popen(words, stdout=stream, stderr=stream) as process:
        try:
            while (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())) is None:
                if process.poll() is not None:
                    raise SystemExit(log.read_text())
            yield found[0]
        finally:
            process.terminate()


@contextmanager
def browser(width: int, height: int, camera: Path | None = None) -> Iterator[Any]:
    """Yield a page of Chromium."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    words = ["--no-sandbox", "--use-fake-device-for-media-stream"]
    words += [] if camera is None else [f"--use-file-for-fake-video-capture={camera.resolve()}"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=words)
        size = {"width": width, "height": height}
        page = chromium.new_context(permissions=["camera"], viewport=size).new_page()
        page.add_init_script(CAMERA)
        page.set_default_timeout(TIMEOUT)
        yield page
        chromium.close()


def keep_terminal(name: str, *words: str, until: str | None = None, columns: int = 100) -> None:
    """Store an image of what a command of mien shows in a terminal; see `terminal.shown` for `until`."""
    text = terminal.shown([*MIEN, *words], columns, until)
    Path("terminal.html").write_text(terminal.page(f"$ mien {' '.join(words)}\n{text}", columns))
    with browser(1200, 600) as page:
        page.goto(Path("terminal.html").resolve().as_uri())
        page.locator("#terminal").screenshot(path="terminal.png")
    keep(name, Path("terminal.png"))


def keep(name: str, source: Path) -> None:
    """Store an image in docs/images, with a palette if it is large."""
    with Image.open(source) as opened:
        image = opened.convert("RGB")
    made = Path("optimized.png")
    image.save(made, optimize=True)
    if made.stat().st_size > LARGEST:
        image.quantize(256).save(made, optimize=True)
    if made.stat().st_size > LARGEST:
        raise SystemExit(f"{name}.png: {made.stat().st_size} bytes, expected at most {LARGEST}")
    write_bytes(IMAGES / f"{name}.png", made.read_bytes())


MAKERS: Final = {
    "predict": make_predict,
    "terminal": make_terminal,
    "webcam": make_webcam,
    "explain": make_explain,
    "synthetic": make_synthetic,
    "timeline": make_timeline,
    "report": make_report,
    "serve-live": make_serve_live,
    "serve-images": make_serve_images,
}


def require_yunet() -> None:
    """Refuse to draw images of MTCNN, which show that YuNet is missing.

    Raises:
        SystemExit: There is no file of YuNet.
    """
    if len(available_detectors(DetectorOptions(notice=str))) < 2:
        raise SystemExit("no file of YuNet; set MIEN_YUNET to its path")


def main() -> None:
    """Make the images that are named, or all, each in an empty folder, whose path is nowhere shown."""
    require_yunet()
    for name in sys.argv[1:] or MAKERS:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            MAKERS[name]()


if __name__ == "__main__":
    main()
