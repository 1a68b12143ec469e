"""What the detectors find in the images of scikit-image, and the time that they take.

    python benchmarks/detection.py --yunet face_detection_yunet_2023mar.onnx

Prints Markdown tables: boxes on images without faces, the tilts and sizes at which a face is found, and CPU
time on one thread, which other programs affect less than the time that passes.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from mien.detection.base import Detection, Detector
from mien.detection.mtcnn.detector import Mtcnn
from mien.detection.yunet.detector import read_yunet
from mien.detection.yunet.network import YuNetNetwork, input_tensor, open_yunet
from mien.runtime.opening import open_graph
from mien.runtime.shapes import with_dynamic_shapes

WITHOUT_FACES = (
    "brick", "grass", "gravel", "coffee", "rocket", "coins", "page", "hubble_deep_field", "retina", "moon",
    "immunohistochemistry", "text", "clock", "colorwheel", "logo", "checkerboard", "shepp_logan_phantom",
    "cell", "chelsea", "stereo_motorcycle",
)  # fmt: skip
"""Images of scikit-image, the last ones with a cat and a motorcycle."""

TILTS = tuple(range(-90, 91, 15))
HEIGHTS = (110, 55, 40, 28, 22, 19, 16, 14, 12)
FACE = (224, 120, 110)
"""Center and height of the face of scikit-image's astronaut, in pixels."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--yunet", type=Path, required=True, help="YuNet's ONNX file")
    content = parser.parse_args().yunet.read_bytes()
    cv2.setNumThreads(1)
    detectors: list[Detector] = [read_yunet(parser.parse_args().yunet), Mtcnn()]
    for table in (false_table, tilt_table, size_table):
        print("\n".join(table(detectors)), end="\n\n", flush=True)
    print("\n".join(time_table(detectors, content)), flush=True)


def false_table(detectors: Iterable[Detector]) -> Iterator[str]:
    """Boxes on images without faces, with their scores."""
    yield f"Boxes on {len(WITHOUT_FACES)} images without faces\n\n| detector | boxes | |\n|---|---:|---|"
    images = {name: _rgb(name) for name in WITHOUT_FACES}
    for detector in detectors:
        found = [(name, one.score) for name, image in images.items() for one in detector.detect(image)]
        listed = ", ".join(f"{name} {score:.2f}" for name, score in found)
        yield f"| {detector.name} | {len(found)} | {listed} |"


def tilt_table(detectors: Iterable[Detector]) -> Iterator[str]:
    """Error of the tilt of the astronaut's face by the rotation of the photograph."""
    yield "Astronaut: error of the tilt in degrees by the rotation of the photograph\n"
    yield f"| detector | {' | '.join(map(str, TILTS))} |\n|---|{'---:|' * len(TILTS)}"
    photograph, (x, y, height) = data.astronaut(), FACE
    for detector in detectors:
        cells = []
        for tilt in TILTS:
            turn = cv2.getRotationMatrix2D((x, y), -tilt, 1.0)
            view = cv2.warpAffine(photograph, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
            one = _near(detector.detect(view), x, y, height)
            cells.append(f"{one.tilt - tilt:.0f}" if one else "not found")
        yield f"| {detector.name} | {' | '.join(cells)} |"


def size_table(detectors: Iterable[Detector]) -> Iterator[str]:
    """Whether the astronaut's face is found in an image of 640x480 by its height."""
    yield "Astronaut, pasted into 640x480 at 16 places: times found by the height of the face in pixels\n"
    yield f"| detector | {' | '.join(map(str, HEIGHTS))} |\n|---|{'---:|' * len(HEIGHTS)}"
    for detector in detectors:
        cells = [sum(_finds(detector, height, place) for place in range(16)) for height in HEIGHTS]
        yield f"| {detector.name} | {' | '.join(map(str, cells))} |"


def _finds(detector: Detector, height: int, place: int) -> bool:
    factor = height / FACE[2]
    side = round(512 * factor)
    person = cv2.resize(data.astronaut(), (side, side), interpolation=cv2.INTER_AREA)
    canvas = np.full((480, 640, 3), 128, np.uint8)
    rng = np.random.default_rng(place)
    left, top = rng.integers(0, 640 - min(side, 639)), rng.integers(0, 480 - min(side, 479))
    part = person[: 480 - top, : 640 - left]
    canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
    found = detector.detect(canvas)
    return _near(found, left + FACE[0] * factor, top + FACE[1] * factor, height) is not None


def time_table(detectors: Iterable[Detector], content: bytes) -> Iterator[str]:
    """CPU time of an image of 640x480 with one face."""
    yield "CPU time in ms for 640x480 with one face, one thread, median of 30\n\n| | ms |\n|---|---:|"
    image = cv2.resize(data.astronaut(), (640, 480))
    bgr, tensor = cv2.cvtColor(image, cv2.COLOR_RGB2BGR), input_tensor(image)
    config = np.empty(0, np.uint8)
    opencv = cv2.FaceDetectorYN.create("onnx", np.frombuffer(content, np.uint8), config, (640, 480))
    network = YuNetNetwork(open_yunet(content))
    dynamic = with_dynamic_shapes(content, {"input": (1, 3, None, None)})
    openvino = open_graph(dynamic, engine="openvino", threads=1)
    calls: dict[str, Callable[[], object]] = {
        "YuNet, FaceDetectorYN": lambda: opencv.detect(bgr),
        "YuNet, ONNX Runtime": lambda: network(image),
        "YuNet, OpenVINO, without decoding": lambda: openvino.run({"input": tensor}),
    }
    calls |= {f"detector {one.name}": (lambda one=one: one.detect(image)) for one in detectors}
    for name, call in calls.items():
        yield f"| {name} | {1e3 * _seconds(call):.1f} |"
    sizes = [(1, 3, 32 * rows, 32 * columns) for rows in range(8, 14) for columns in range(8, 14)]
    blank = [np.zeros(size, np.float32) for size in sizes]
    graph = open_yunet(content)
    for name, run in (("ONNX Runtime", graph.run), ("OpenVINO", openvino.run)):
        started = time.process_time()
        for one in blank:
            run({"input": one})
        yield f"| YuNet, {name}, 36 new sizes, mean | {1e3 * (time.process_time() - started) / 36:.1f} |"


def _seconds(call: Callable[[], object]) -> float:
    times = []
    for _ in range(32):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return float(np.median(times[2:]))


def _near(found: Iterable[Detection], x: float, y: float, height: float) -> Detection | None:
    """Return the face whose center is near a point."""
    for one in found:
        left, top, width, tall = one.box
        if math.hypot(left + width / 2 - x, top + tall / 2 - y) < height / 3:
            return one
    return None


def _rgb(name: str) -> np.ndarray:
    """Return an image of scikit-image as RGB, uint8 (height, width, 3)."""
    found = getattr(data, name)()
    image = np.asarray(found[0] if isinstance(found, tuple) else found)
    if image.dtype != np.uint8:
        image = np.uint8(255 * (image - image.min()) / np.ptp(image))
    colors = image if image.ndim == 3 else np.repeat(image[..., None], 3, 2)
    return np.ascontiguousarray(colors[..., :3])


if __name__ == "__main__":
    main()
