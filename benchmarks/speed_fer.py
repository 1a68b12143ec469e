"""Speed of the package `fer`, run by benchmarks/speed.py in an interpreter that has it.

    PYTHON benchmarks/speed_fer.py CASE [FOLDER|VIDEO|IMAGE]

Prints one JSON object. Needs only `fer` and its dependencies (with `opencv-contrib-python-headless<5`, since
OpenCV 5 removed the cascades that it uses), not mien.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
SECONDS = 3


def network(batch: int, *, lite: bool) -> dict[str, float]:
    """Milliseconds per face of the network alone: in Keras, or the quantized TFLite file face by face."""
    import numpy as np

    faces = np.random.default_rng(0).random((batch, 64, 64, 1), np.float32)
    return {"ms_per_face": timed(_lite(faces) if lite else _keras(faces)) / batch}


def timed(call: Callable[[], object]) -> float:
    """Return the median milliseconds of a call over at least three seconds."""
    for _ in range(3):
        call()
    times, started = [], time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        before = time.perf_counter()
        call()
        times.append(time.perf_counter() - before)
    return 1000 * median(times)


def folder(path: Path) -> dict[str, float]:
    """Faces and seconds of a folder, one image after another: its interface has no batches."""
    import cv2
    from fer.fer import FER

    detector, started, faces = FER(), time.perf_counter(), 0
    for image in sorted(path.iterdir()):
        faces += len(detector.detect_emotions(cv2.imread(str(image))))
    return {"faces": faces, "seconds": time.perf_counter() - started}


def video(path: Path) -> dict[str, float]:
    """Frames, faces and seconds of a video, each frame as an image."""
    import cv2
    from fer.fer import FER

    detector, capture, frames, faces = FER(), cv2.VideoCapture(str(path)), 0, 0
    started = time.perf_counter()
    while (read := capture.read())[0]:
        faces += len(detector.detect_emotions(read[1]))
        frames += 1
    return {"frames": frames, "faces": faces, "seconds": time.perf_counter() - started}


def image(path: Path) -> dict[str, float]:
    """Faces of one image; the caller measures the whole process."""
    import cv2
    from fer.fer import FER

    return {"faces": len(FER().detect_emotions(cv2.imread(str(path))))}


def _keras(faces: "object") -> Callable[[], object]:
    from tensorflow.keras.models import load_model

    model = load_model(_data() / "emotion_model.hdf5", compile=False)
    return lambda: model(faces)


def _lite(faces: "object") -> Callable[[], object]:
    import tensorflow

    interpreter = tensorflow.lite.Interpreter(str(_data() / "emotion_model_quantized.tflite"))
    interpreter.allocate_tensors()
    first = interpreter.get_input_details()[0]["index"]

    def run() -> None:
        for position in range(len(faces)):
            interpreter.set_tensor(first, faces[position : position + 1])
            interpreter.invoke()

    return run


def _data() -> Path:
    import fer

    return Path(fer.__file__).parent / "data"


CASES = {
    "keras-1": lambda _: network(1, lite=False),
    "keras-64": lambda _: network(64, lite=False),
    "lite-1": lambda _: network(1, lite=True),
    "lite-64": lambda _: network(64, lite=True),
    "folder": folder,
    "video": video,
    "image": image,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("case", choices=CASES)
    parser.add_argument("path", nargs="?", type=Path, help="a folder, a video or an image")
    arguments = parser.parse_args()
    print(json.dumps(CASES[arguments.case](arguments.path)))
