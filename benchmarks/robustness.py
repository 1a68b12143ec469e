"""Corruption robustness of bundles: brightness, contrast, blur, noise, compression and framing.

    python benchmarks/robustness.py fer2013.csv small large mine.onnx

Prints a Markdown table of accuracies on the validation faces in percent: a row for each corruption, a
column for each bundle. A face always gets the same noise, so that a repeated run gives the same figures.
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
from mien.evaluation.splits import faces_of_split
from mien.labels import VALIDATION

Corruption = Callable[[NDArray[np.uint8]], NDArray[np.float64] | NDArray[np.uint8]]
"""Maps a face (size, size) to the corrupted face, in gray levels of 0 to 255, not yet rounded."""


def main() -> None:
    """Print one row per corruption."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="fer2013.csv, or any other source with a validation split")
    parser.add_argument("bundles", nargs="+", type=Path, help="files of bundles, or names of shipped ones")
    options = parser.parse_args()
    bundles = [read_bundle(path) for path in options.bundles]
    validation = [_validation(read_evaluation_data(bundle.metadata, options.source)) for bundle in bundles]
    names = " | ".join(path.stem for path in options.bundles)
    print(f"| {len(validation[0].faces):,} faces | {names} |")
    print("|---|" + "---:|" * len(bundles))
    for name, corrupt in corruptions().items():
        accuracies = [accuracy(*each, corrupt) for each in zip(bundles, validation, strict=True)]
        print(f"| {name} | " + " | ".join(f"{100 * value:.1f}" for value in accuracies) + " |", flush=True)


def _validation(data: EvaluationData) -> EvaluationData:
    return replace(data, faces=faces_of_split(data.faces, VALIDATION))


def accuracy(bundle: Bundle, data: EvaluationData, corrupt: Corruption) -> float:
    """Return the accuracy of a bundle on corrupted faces.

    Raises:
        MienError: The classes differ from the bundle's, or its graph can't be run.
    """
    corrupted = np.stack([rounded(corrupt(face)) for face in data.faces.images])
    faces = replace(data.faces, images=corrupted)
    predictions = predictions_of_bundle(bundle, replace(data, faces=faces), VALIDATION)
    return metrics.accuracy(predictions.labels, predictions.probabilities.argmax(1))


def corruptions() -> dict[str, Corruption]:
    """Return all corruptions by name."""
    return {
        "clean": lambda face: face,
        "brightness x 0.3": lambda face: 0.3 * face,
        "gamma 0.5": lambda face: 255 * (face / 255) ** 0.5,
        "gamma 2": lambda face: 255 * (face / 255) ** 2,
        "contrast x 0.4": lambda face: 0.4 * face + 0.6 * 128,
        "Gaussian blur, sigma 0.8 pixels": lambda face: cv2.GaussianBlur(face, (0, 0), 0.8),
        "Gaussian blur, sigma 1.2 pixels": lambda face: cv2.GaussianBlur(face, (0, 0), 1.2),
        "Gaussian noise, sigma 6 gray levels": lambda face: face + noise(6, face),
        "Gaussian noise, sigma 12 gray levels": lambda face: face + noise(12, face),
        "JPEG quality 30": compressed,
        "scale 0.8": lambda face: moved(face, scale=0.8),
        "scale 1.2": lambda face: moved(face, scale=1.2),
        "rotation by 15 degrees": lambda face: moved(face, rotation=15),
        "shift by 4 pixels to the right and down": lambda face: moved(face, shift=4),
    }


def noise(deviation: float, face: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return Gaussian noise seeded by the pixels of the face."""
    return np.random.default_rng(face.astype(np.uint32).ravel()).normal(0, deviation, face.shape)


def compressed(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the face after JPEG compression of quality 30."""
    _, content = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_GRAYSCALE), np.uint8)


def moved(
    face: NDArray[np.uint8], *, scale: float = 1, rotation: float = 0, shift: float = 0
) -> NDArray[np.uint8]:
    """Return the face scaled and rotated about its center, and shifted; the border is replicated."""
    center = (face.shape[0] - 1) / 2
    matrix = cv2.getRotationMatrix2D((center, center), rotation, scale)
    matrix[:, 2] += shift
    border, flags = cv2.BORDER_REPLICATE, cv2.INTER_CUBIC
    return np.asarray(cv2.warpAffine(face, matrix, face.shape, flags=flags, borderMode=border), np.uint8)


def rounded(face: NDArray[np.float64] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return integer gray levels, clipped to 0 to 255."""
    return np.clip(np.rint(face), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    try:
        main()
    except MienError as error:
        sys.exit(str(error))
