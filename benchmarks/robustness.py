"""What bad light, blur, noise, compression and framing cost bundles, on the validation faces.

    python benchmarks/robustness.py fer2013.csv small large mine.onnx

Prints a Markdown table of accuracies in percent: a row for each way of spoiling the faces, a column for
each bundle. A face always gets the same noise, so that a repeated run gives the same figures.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.bundles.reading import Bundle, read_bundle
from mien.errors import MienError
from mien.evaluation.bundles import EvaluationData, predictions_of_bundle, read_evaluation_data
from mien.evaluation.runs import faces_in
from mien.labels import VALIDATION

Spoil = Callable[[NDArray[np.uint8]], NDArray[np.float64] | NDArray[np.uint8]]
"""From one face (side, side) to the same face spoilt, in gray levels of 0 to 255, not yet whole."""


def main() -> None:
    """Print a row for each way of spoiling faces."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="fer2013.csv, or any other source with a validation split")
    parser.add_argument("teachers", nargs="+", type=Path, help="files of bundles, or names of shipped ones")
    asked = parser.parse_args()
    bundles = [read_bundle(path) for path in asked.bundles]
    known = [_validation(read_evaluation_data(bundle.metadata, asked.source)) for bundle in bundles]
    print(f"| {len(known[0].faces):,} faces | " + " | ".join(path.stem for path in asked.bundles) + " |")
    print("|---|" + "---:|" * len(bundles))
    for name, spoil in ways().items():
        found = [accuracy(bundle, those, spoil) for bundle, those in zip(bundles, known, strict=True)]
        print(f"| {name} | " + " | ".join(f"{100 * right:.1f}" for right in found) + " |", flush=True)


def _validation(known: EvaluationData) -> EvaluationData:
    return replace(known, faces=faces_in(known.faces, VALIDATION))


def accuracy(bundle: Bundle, known: EvaluationData, spoil: Spoil) -> float:
    """Return the share of spoilt faces that a bundle tells right.

    Raises:
        MienError: Their classes are not the bundle's, or its graph can't be run.
    """
    spoilt = np.stack([whole(spoil(face)) for face in known.faces.images])
    faces = replace(known.faces, images=spoilt)
    found = predictions_of_bundle(bundle, replace(known, faces=faces), VALIDATION)
    return metrics.accuracy(found.labels, found.probabilities.argmax(1))


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
        "noise of 6 levels": lambda face: face + noise(6, face),
        "noise of 12 levels": lambda face: face + noise(12, face),
        "JPEG of quality 30": compressed,
        "0.8 of the size": lambda face: moved(face, scale=0.8),
        "1.2 of the size": lambda face: moved(face, scale=1.2),
        "turned by 15 degrees": lambda face: moved(face, turn=15),
        "4 pixels to the right and down": lambda face: moved(face, shift=4),
    }


def noise(deviation: float, face: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return noise for a face; the same face gets the same, other faces other noise."""
    return np.random.default_rng(face.astype(np.uint32).ravel()).normal(0, deviation, face.shape)


def compressed(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the face as a JPEG of low quality shows it."""
    _, content = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_GRAYSCALE), np.uint8)


def moved(
    face: NDArray[np.uint8], *, scale: float = 1, turn: float = 0, shift: float = 0
) -> NDArray[np.uint8]:
    """Return the face scaled and turned about its middle, and shifted; its border goes on."""
    middle = (face.shape[0] - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), turn, scale)
    matrix[:, 2] += shift
    border, flags = cv2.BORDER_REPLICATE, cv2.INTER_CUBIC
    return np.asarray(cv2.warpAffine(face, matrix, face.shape, flags=flags, borderMode=border), np.uint8)


def whole(face: NDArray[np.float64] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return whole gray levels, those beyond 0 and 255 cut off."""
    return np.clip(np.rint(face), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    try:
        main()
    except MienError as error:
        sys.exit(str(error))
