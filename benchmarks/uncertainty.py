"""How many false boxes and turned faces get a confident label, and how many faces lose theirs.

    python benchmarks/uncertainty.py fer2013.csv --yunet face_detection_yunet_2023mar.onnx --votes FER+.csv

Prints Markdown tables. Faces of FER2013 are enlarged and surrounded as in `framing.py`; objects are random
parts of images of scikit-image and scikit-learn without human faces. "Confident before" counts labels whose
confidence reaches the threshold of the bundle, "confident" those that are not uncertain for another reason.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from framing import surrounded
from sklearn.datasets import load_sample_images

import mien
from mien.data import read_faces
from mien.detection.mtcnn.detector import Mtcnn
from mien.detection.yunet.detector import read_yunet
from mien.faceset import FaceSet
from mien.labels import FERPLUS_COLUMNS, VALIDATION

OBJECTS = (
    "brick", "cell", "chelsea", "coffee", "coins", "clock", "colorwheel", "grass", "gravel", "horse",
    "hubble_deep_field", "immunohistochemistry", "microaneurysms", "moon", "page", "retina", "rocket", "text",
)  # fmt: skip
"""Images of scikit-image without a human face that are installed with it."""

NOT_A_FACE = 5
"""Votes of ten for "NF", not a face, from which on a row of FER2013 is no face."""


def main() -> None:
    """Print the tables that the given files allow."""
    options = _options()
    faces = read_faces(options.source)
    detectors = [Mtcnn()]
    if options.yunet:
        detectors.insert(0, read_yunet(options.yunet))
    rng = np.random.default_rng(0)
    validation = faces.of_split(VALIDATION).images
    some = validation[rng.permutation(len(validation))[: options.faces]]
    recognizers = [mien.load(detector=detector, threads=1) for detector in detectors]
    lines = [*detector_table(recognizers, some, options.parts), "", *row_table(recognizers[0], faces)]
    if options.votes:
        lines.append(votes_row(recognizers[0], read_faces(options.source, ferplus=options.votes)))
    print("\n".join(lines))


@dataclass
class Counts:
    """Counts of the boxes of one kind of image."""

    images: int = 0
    boxes: int = 0
    before: int = 0
    confident: int = 0
    score: int = 0
    orientation: int = 0

    def add(self, face: mien.Face, threshold: float) -> None:
        """Count a box."""
        self.boxes += 1
        self.before += face.confidence >= threshold
        self.confident += not face.uncertain
        self.score += face.uncertain_reason == "low detector score"
        self.orientation += face.uncertain_reason == "orientation"

    def row(self, *heads: str) -> str:
        """Return a row of the table."""
        numbers = (self.images, self.boxes, self.before, self.confident, self.score, self.orientation)
        return f"| {' | '.join((*heads, *map(str, numbers)))} |"


def detector_table(recognizers: list[mien.Recognizer], faces: np.ndarray, parts: int) -> Iterator[str]:
    """Boxes that detectors find."""
    yield "| detector | images | number | boxes | confident before | confident | low score | orientation |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for recognizer in recognizers:
        counts = {
            name: Counts() for name in ("upright", "turned, at their tilt", "turned, other tilt", "objects")
        }
        for quarters in range(4):
            for face in faces if not quarters else faces[: len(faces) // 2]:
                _count_face(recognizer, face, quarters, counts)
        for part in _parts(parts):
            counts["objects"].images += 1
            for found in recognizer(part):
                counts["objects"].add(found, recognizer.threshold)
        yield from (count.row(recognizer.detector.name, name) for name, count in counts.items())


def _count_face(
    recognizer: mien.Recognizer, face: np.ndarray, quarters: int, counts: dict[str, Counts]
) -> None:
    image = np.ascontiguousarray(np.rot90(surrounded(face), -quarters))
    names = ("upright", "upright") if not quarters else ("turned, at their tilt", "turned, other tilt")
    for name in set(names):
        counts[name].images += 1
    for found in recognizer(image):
        is_other = abs((found.tilt - 90 * quarters + 180) % 360 - 180) > 45
        counts[names[is_other]].add(found, recognizer.threshold)


def _parts(number: int) -> Iterator[np.ndarray]:
    """Yield random squares of the images, turned and scaled at random."""
    rng = np.random.default_rng(1)
    images = [skimage.img_as_ubyte(getattr(skimage.data, name)()) for name in OBJECTS]
    images += load_sample_images().images
    for _ in range(number):
        image = images[rng.integers(len(images))]
        side = max(16, int(min(image.shape[:2]) * rng.uniform(0.15, 1)))
        top, left = (int(rng.integers(length - side + 1)) for length in image.shape[:2])
        part = np.atleast_3d(image)[top : top + side, left : left + side, :3]
        size = int(rng.integers(160, 480))
        method = cv2.INTER_AREA if size < side else cv2.INTER_CUBIC
        scaled = np.atleast_3d(cv2.resize(part, (size, size), interpolation=method))
        color = np.repeat(scaled, 3, axis=2) if scaled.shape[2] == 1 else scaled
        yield np.ascontiguousarray(np.rot90(color, int(rng.integers(4))))


def row_table(recognizer: mien.Recognizer, faces: FaceSet) -> Iterator[str]:
    """Cropped faces, without a detector: part of them whose confidence reaches the threshold."""
    yield "| rows of FER2013, no detector | number | confident |"
    yield "|---|---:|---:|"
    images = faces.of_split(VALIDATION).images
    for quarters in range(4):
        turned = np.ascontiguousarray(np.rot90(images, -quarters, (1, 2)))
        yield _row(recognizer, f"turned by {90 * quarters} degrees", turned)


def votes_row(recognizer: mien.Recognizer, faces: FaceSet) -> str:
    """Rows that most voters of FER+ called not a face."""
    votes = faces.votes[:, FERPLUS_COLUMNS.index("NF")]
    return _row(recognizer, f'{NOT_A_FACE} of 10 votes for "not a face"', faces.images[votes >= NOT_A_FACE])


def _row(recognizer: mien.Recognizer, name: str, images: np.ndarray) -> str:
    confident = np.mean([not face.uncertain for face in recognizer.classify(images)])
    return f"| {name} | {len(images)} | {confident:.1%} |"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="FER2013, any format")
    parser.add_argument("--yunet", type=Path, help="file of YuNet")
    parser.add_argument("--votes", type=Path, help="fer2013new.csv")
    parser.add_argument("--faces", type=int, default=240)
    parser.add_argument("--parts", type=int, default=1000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
