"""What bad light, blur, noise, compression and framing cost bundles, on the validation faces.

    python benchmarks/robustness.py fer2013.csv small large mine.onnx

Prints a Markdown table of accuracies: a row for each way of spoiling the faces, a column for each
bundle. Noise comes from a fixed seed, so that a repeated run gives the same figures.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.bundle.read import read_bundle
from mien.data import read_faces
from mien.labels import VALIDATION
from mien.predict.engine.choose import make_engine

Spoil = Callable[[NDArray[np.uint8]], NDArray[np.float64] | NDArray[np.uint8]]
"""From one face (side, side) to the same face spoilt, in grey levels of 0 to 255, not yet whole."""


def main() -> None:
    """Print a row for each way of spoiling faces."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="fer2013.csv, or any other source with a validation split")
    parser.add_argument("bundles", nargs="+", type=Path, help="files of bundles, or names of shipped ones")
    asked = parser.parse_args()
    faces = read_faces(asked.source).of_split(VALIDATION)
    engines = [make_engine(read_bundle(path), threads=1) for path in asked.bundles]
    print(f"| {len(faces):,} faces | " + " | ".join(path.stem for path in asked.bundles) + " |")
    print("|---|" + "---:|" * len(engines))
    for name, spoil in ways().items():
        spoilt = np.stack([whole(spoil(face)) for face in faces.images])
        found = [(engine(spoilt).probabilities.argmax(1) == faces.labels).mean() for engine in engines]
        print(f"| {name} | " + " | ".join(f"{100 * accuracy:.1f}" for accuracy in found) + " |", flush=True)


def ways() -> dict[str, Spoil]:
    """Return all ways of spoiling a face, by what they are called."""
    return {
        "as they are": lambda face: face,
        "three tenths of the light": lambda face: 0.3 * face,
        "gamma 0.5": lambda face: 255 * (face / 255) ** 0.5,
        "gamma 2": lambda face: 255 * (face / 255) ** 2,
        "four tenths of the contrast": lambda face: 0.4 * face + 0.6 * 128,
        "blur of 0.8 pixels": lambda face: cv2.GaussianBlur(face, (0, 0), 0.8),
        "blur of 1.2 pixels": lambda face: cv2.GaussianBlur(face, (0, 0), 1.2),
        "noise of 6 levels": noise(6),
        "noise of 12 levels": noise(12),
        "JPEG of quality 30": compressed,
        "0.8 of the size": moved(scale=0.8),
        "1.2 of the size": moved(scale=1.2),
        "turned by 15 degrees": moved(turn=15),
        "4 pixels to the right and down": moved(shift=4),
    }


def noise(deviation: float) -> Spoil:
    """Return what adds noise, other noise to each face, the same in each run."""
    generator = np.random.default_rng(0)
    return lambda face: face + generator.normal(0, deviation, face.shape)


def compressed(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the face as a JPEG of low quality shows it."""
    _, content = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_GRAYSCALE), np.uint8)


def moved(*, scale: float = 1, turn: float = 0, shift: float = 0) -> Spoil:
    """Return what scales and turns a face about its middle, and shifts it; its border goes on."""

    def spoil(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
        middle = (face.shape[0] - 1) / 2
        matrix = cv2.getRotationMatrix2D((middle, middle), turn, scale)
        matrix[:, 2] += shift
        side = face.shape[::-1]
        border, flags = cv2.BORDER_REPLICATE, cv2.INTER_CUBIC
        return np.asarray(cv2.warpAffine(face, matrix, side, flags=flags, borderMode=border), np.uint8)

    return spoil


def whole(face: NDArray[np.float64] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return whole grey levels, those beyond 0 and 255 cut off."""
    return np.clip(np.rint(face), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
