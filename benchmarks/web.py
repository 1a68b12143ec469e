"""Recognition in the browser against Python: agreement on synthetic faces, time per face, sizes to download.

    python benchmarks/web.py --ort onnxruntime-web-1.27.0.tgz --detector-model YUNET

Writes a site of the shipped bundles (`mien.export_web`), opens it in headless Chromium, and recognizes the
same crops and scenes with Python's ONNX Runtime. Exit code 1 if they differ by more than the limits below.
"""

import argparse
import base64
import gzip
import http.server
import io
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

import mien
from mien.data.synthetic import generate_faces

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

CROP_DIFFERENCE = 1e-3
"""Largest difference of a probability on a crop."""

MIN_IOU = 0.95
"""Of the boxes of a face on a whole image."""

RECOGNIZE = """async ([images, choice]) => {
  const { recognizeImages } = await import(new URL("api.js", location.href));
  const files = images.map(([name, content]) =>
    new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name, { type: "image/png" }));
  const began = performance.now();
  const results = [];
  for await (const [, result] of recognizeImages(files, choice)) results.push(result);
  return { results, milliseconds: (performance.now() - began) / files.length };
}"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """A static host."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as any static host does; yield its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def png(pixels: np.ndarray) -> bytes:
    """Return pixels as a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def scenes(count: int) -> list[bytes]:
    """Images of 640x480 with 1 to 4 synthetic faces of 60 to 200 pixels."""
    rng = np.random.default_rng(0)
    drawn = generate_faces(4 * count, seed=5, size=200).images
    found = []
    for number in range(count):
        light = np.add.outer(np.linspace(30, -30, 480), np.linspace(-10, 10, 640))
        scene = np.clip(light[:, :, None] + (150, 160, 170), 0, 255).astype(np.uint8)
        for at in range(1 + number % 4):
            side = int(rng.integers(60, 200 if number % 4 < 2 else 150))
            left, top = at % 2 * 320 + int(rng.integers(0, 320 - side)), at // 2 * 240
            top += int(rng.integers(0, 240 - side))
            face = Image.fromarray(drawn[4 * number + at]).resize((side, side), Image.Resampling.BICUBIC)
            turned = face.rotate(float(rng.uniform(-30, 30)) if number % 5 == 0 else 0, fillcolor=160)
            scene[top : top + side, left : left + side] = np.asarray(turned)[:, :, None]
        found.append(png(scene))
    return found


def cpu_seconds() -> float:
    """Return the CPU time of the processes below this one, which are those of Chromium; Linux only."""
    parents, spent = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            spent[int(path.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    below = {os.getpid()}
    for _ in range(8):
        below |= {pid for pid, parent in parents.items() if parent in below}
    return sum(spent.get(pid, 0) for pid in below - {os.getpid()})


def in_browser(page: "Page", images: list[bytes], bundle: str, detector: str) -> dict[str, Any]:
    """Return the results of images, as the page gets them, and milliseconds for each."""
    named = [[f"{number}.png", base64.b64encode(one).decode()] for number, one in enumerate(images)]
    page.evaluate(RECOGNIZE, [named[:2], {"bundle": bundle, "detector": detector}])  # opens the networks
    began = cpu_seconds()
    found = page.evaluate(RECOGNIZE, [named, {"bundle": bundle, "detector": detector}])
    return found | {"cpu": 1000 * (cpu_seconds() - began) / len(images)}


def iou(one: list[float], other: list[float]) -> float:
    """Return the intersection over union of two boxes."""
    sides = [
        max(0.0, min(one[at] + one[at + 2], other[at] + other[at + 2]) - max(one[at], other[at]))
        for at in (0, 1)
    ]
    shared = sides[0] * sides[1]
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def compare(found: list[dict[str, Any]], expected: list[mien.Result]) -> dict[str, Any]:
    """Differences of the results of images, by faces at the same position from the left."""
    faces = [
        (one, other)
        for here, there in zip(found, expected, strict=True)
        if len(here["faces"]) == len(there.faces)
        for one, other in zip(here["faces"], (face.to_dict() for face in there.faces), strict=True)
    ]
    differences = [
        max(abs(one["probabilities"][name] - other["probabilities"][name]) for name in one["probabilities"])
        for one, other in faces
    ]
    moves = [abs(a - b) for one, other in faces for a, b in zip(one["box"], other["box"], strict=True)]
    return {
        "images": len(found),
        "images with another number of faces": sum(
            len(here["faces"]) != len(there.faces) for here, there in zip(found, expected, strict=True)
        ),
        "faces": len(faces),
        "other labels": sum(one["label"] != other["label"] for one, other in faces),
        "other remarks": sum(one["uncertain_reason"] != other["uncertain_reason"] for one, other in faces),
        "largest difference of a probability": round(max(differences, default=0), 5),
        "99 % of the differences below": round(float(np.quantile(differences or [0], 0.99)), 5),
        "largest difference of a box (pixels)": round(max(moves, default=0), 2),
        "smallest IoU": round(min((iou(one["box"], other["box"]) for one, other in faces), default=1), 4),
    }  # fmt: skip


def sizes(site: Path) -> dict[str, str]:
    """Bytes of the parts, as they are and compressed by gzip."""
    parts: dict[str, list[Path]] = {"ort": [], "models": [], "page": []}
    for path in site.rglob("*"):
        if path.is_file():
            parts[path.parent.name if path.parent.name in parts else "page"].append(path)
    return {
        name: f"{sum(one.stat().st_size for one in some) / 1e3:,.0f} kB, gzip "
        f"{sum(len(gzip.compress(one.read_bytes())) for one in some) / 1e3:,.0f} kB"
        for name, some in parts.items()
    }


def main() -> int:
    """Compare, print, and return the exit code."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ort", type=Path)
    parser.add_argument("--detector-model", type=Path)
    parser.add_argument("--faces", type=int, default=200)
    parser.add_argument("--scenes", type=int, default=100)
    given = parser.parse_args()
    faces = [png(one) for one in generate_faces(given.faces, seed=3).images]
    images = scenes(given.scenes)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        detectors = (*(("yunet",) if given.detector_model else ()), "mtcnn", "whole")
        site = mien.export_web(
            "small", "large", out=Path(folder) / "site", detectors=detectors, ort=given.ort,
            detector_model=given.detector_model,
        )  # fmt: skip
        print(json.dumps(sizes(site), indent=1))
        with served(site) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page()
            page.set_default_timeout(600_000)
            page.on("console", lambda message: print(message.text, file=sys.stderr))
            page.on("pageerror", lambda error: print(error, file=sys.stderr))
            page.goto(address)
            page.wait_for_selector("body[data-ready]")
            for bundle, detector in [
                ("small", "whole"),
                ("large", "whole"),
                *(("small", one) for one in detectors[:-1]),
            ]:
                given_images = faces if detector == "whole" else images
                here = in_browser(page, given_images, bundle, detector)
                model = given.detector_model if detector == "yunet" else None
                recognizer = mien.load(bundle, engine="onnx", detector=detector, detector_model=model)
                there = [recognizer.recognize(one, keep_image=False) for one in given_images]
                found = compare(here["results"], there)
                found |= {"ms": round(here["milliseconds"], 1), "ms of CPU time": round(here["cpu"], 1)}
                print(bundle, detector, json.dumps(found, indent=1))
                failed |= found["other labels"] > 0 or found["images with another number of faces"] > 0
                failed |= found["smallest IoU"] < MIN_IOU
                failed |= (
                    detector == "whole" and found["largest difference of a probability"] > CROP_DIFFERENCE
                )
            browser.close()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
