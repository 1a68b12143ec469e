"""How crops of detected faces must be framed to match the faces of FER2013, and the resulting accuracy.

    python benchmarks/framing.py fer2013.csv --yunet face_detection_yunet_2023mar.onnx --bundle small

Prints Markdown tables. FER2013's faces have no surroundings, so each is enlarged and its border is extended
and blurred. The box that a detector finds in this image gives its position relative to FER2013's frame.
With a bundle, the accuracy on validation faces is measured at several scales and rotations, and without
a detector. The other tables: a photograph, synthetic faces of several sizes, and the time per image.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from mien.bundles.reading import read_bundle
from mien.data import read_faces
from mien.data.synthetic import generate_faces
from mien.detection.base import Detection, Detector, Framing
from mien.detection.crops import crop_faces
from mien.detection.mtcnn.detector import Mtcnn
from mien.detection.yunet.detector import read_yunet
from mien.labels import TRAIN, VALIDATION
from mien.recognition.engines.factory import make_engine

SIDE, AROUND = 160, 80
"""Side of an enlarged face, and width of its border, in pixels."""

SCALES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
TILTS = (-45, -30, -15, 0, 15, 30, 45)
SIZES = (20, 30, 40, 60, 100, 200, 400, 800)


def main() -> None:
    """Print the tables that the given files allow."""
    options = _options()
    detectors: list[Detector] = [Mtcnn()]
    if options.yunet:
        detectors.append(read_yunet(options.yunet))
    faces = read_faces(options.source)
    rng = np.random.default_rng(0)
    training = faces.of_split(TRAIN).images
    chosen = training[rng.permutation(len(training))[: options.faces]]
    tables = [framing_table(detectors, chosen), size_table(detectors), time_table(detectors)]
    if options.bundle:
        bundle = read_bundle(options.bundle)
        engine = make_engine(bundle, threads=1)
        size = bundle.metadata.size

        def recognize(crops: np.ndarray) -> np.ndarray:
            return engine(crops).probabilities.argmax(1)

        some = faces.of_split(VALIDATION)
        few = rng.permutation(len(some))[: options.faces]
        images, labels = some.images[few], some.labels[few]
        tables += [
            accuracy_table(detectors, images, labels, recognize, size),
            photograph_table(detectors, recognize, size, bundle.metadata.classes),
        ]
    for table in tables:
        print("\n".join(table), end="\n\n", flush=True)


def surrounded(face: np.ndarray, tilt: float = 0.0) -> np.ndarray:
    """Return an RGB image (side, side, 3) with the enlarged face in its center, rotated by `tilt` degrees."""
    large = cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    gray = cv2.GaussianBlur(
        cv2.copyMakeBorder(large, AROUND, AROUND, AROUND, AROUND, cv2.BORDER_REPLICATE), (0, 0), SIDE / 12
    )
    gray[AROUND:-AROUND, AROUND:-AROUND] = large
    return cv2.cvtColor(rotated(gray, tilt), cv2.COLOR_GRAY2RGB)


def rotated(image: np.ndarray, tilt: float, center: tuple[float, float] | None = None) -> np.ndarray:
    """Return an image rotated clockwise by `tilt` degrees."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D(center or ((width - 1) / 2, (height - 1) / 2), -tilt, 1.0)
    return cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


def found_near(detector: Detector, image: np.ndarray, x: float, y: float, size: float) -> Detection | None:
    """Return the face with the highest score whose center is near a point."""
    near = [
        one
        for one in detector.detect(image)
        if math.hypot(one.box.left + one.box.width / 2 - x, one.box.top + one.box.height / 2 - y) < size / 3
    ]
    return max(near, key=lambda one: one.score, default=None)


def found_in_center(detector: Detector, image: np.ndarray) -> Detection | None:
    """Return the face in the center of an image of `surrounded`."""
    center = image.shape[0] / 2
    return found_near(detector, image, center, center, SIDE)


def framing_table(detectors: list[Detector], faces: np.ndarray) -> Iterator[str]:
    """FER2013's frame relative to the boxes, in sides of the box: quartiles and median."""
    yield f"Framing, {len(faces)} faces of FER2013 (Training)\n"
    yield "| detector | found | side of the frame | center to the right | center down | in use |"
    yield "|---|---:|---:|---:|---:|---|"
    for detector in detectors:
        detections = [found_in_center(detector, surrounded(face)) for face in faces]
        ratios = np.array([_frame_around(detection) for detection in detections if detection])
        cells = [
            f"{low:.3f} **{mid:.3f}** {high:.3f}"
            for low, mid, high in np.percentile(ratios, (25, 50, 75), 0).T
        ]
        chosen = f"scale {detector.framing.scale}, down {detector.framing.down}"
        yield f"| {detector.name} | {len(ratios) / len(faces):.1%} | {' | '.join(cells)} | {chosen} |"


def _frame_around(detection: Detection) -> tuple[float, float, float]:
    """Side of the face and its center along the axes of the box, in sides of the box."""
    left, top, width, height = detection.box
    unit, angle, center = math.sqrt(width * height), math.radians(detection.tilt), AROUND + SIDE / 2
    x, y = center - left - width / 2, center - top - height / 2
    cos, sin = math.cos(angle), math.sin(angle)
    return SIDE / unit, (cos * x + sin * y) / unit, (cos * y - sin * x) / unit


def accuracy_table(
    detectors: list[Detector],
    faces: np.ndarray,
    labels: np.ndarray,
    recognize: Callable[[np.ndarray], np.ndarray],
    size: int,
) -> Iterator[str]:
    """Accuracy on the detected faces for several scales and rotations."""
    whole = recognize(np.stack([cv2.resize(face, (size, size)) for face in faces])) == labels
    yield f"Accuracy on {len(faces)} PublicTest faces: {whole.mean():.1%} without a detector\n"
    yield (
        "| detector | tilt | found | the same without detector | "
        + " | ".join(f"x{one}" for one in SCALES)
        + " |"
    )
    yield "|---|---:|---:|---:|" + "---:|" * len(SCALES)
    for detector in detectors:
        for tilt in TILTS:
            images = [surrounded(face, tilt) for face in faces]
            detections = [found_in_center(detector, image) for image in images]
            is_found = np.array([detection is not None for detection in detections])
            cells = []
            for scale in SCALES:
                framing = replace(detector.framing, scale=detector.framing.scale * scale)
                crops = _crops(images, detections, framing, size)
                cells.append(f"{(recognize(crops) == labels[is_found]).mean():.1%}")
            head = f"| {detector.name} | {tilt} | {is_found.mean():.1%} | {whole[is_found].mean():.1%} | "
            yield head + " | ".join(cells) + " |"


def _crops(
    images: list[np.ndarray], detections: list[Detection | None], framing: Framing, size: int
) -> np.ndarray:
    found = [
        crop_faces(np.ascontiguousarray(image[..., 0]), [detection], size, framing)
        for image, detection in zip(images, detections, strict=True)
        if detection
    ]
    return np.concatenate(found)


def photograph_table(
    detectors: list[Detector],
    recognize: Callable[[np.ndarray], np.ndarray],
    size: int,
    classes: tuple[str, ...],
) -> Iterator[str]:
    """Labels of scikit-image's astronaut, who smiles, rotated and reduced."""
    from skimage.data import astronaut

    yield "scikit-image's astronaut: label by rotation in degrees, then by the height of her face in pixels\n"
    yield "| detector | " + " | ".join(map(str, TILTS)) + " | 55 | 28 | 19 | 14 |"
    yield "|---|" + "---|" * (len(TILTS) + 4)
    photograph = astronaut()
    views = [rotated(photograph, tilt, (224, 120)) for tilt in TILTS]
    views += [
        cv2.resize(photograph, (512 // n, 512 // n), interpolation=cv2.INTER_AREA) for n in (2, 4, 6, 8)
    ]
    for detector in detectors:
        cells = []
        for view in views:
            unit = view.shape[0] / 512
            detection = found_near(detector, view, 224 * unit, 120 * unit, 110 * unit)
            gray = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
            crop = crop_faces(gray, [detection] if detection else [], size, detector.framing)
            cells.append(classes[recognize(crop)[0]] if detection else "not found")
        yield f"| {detector.name} | {' | '.join(cells)} |"


def size_table(detectors: list[Detector]) -> Iterator[str]:
    """Number of detected synthetic faces by size, in images of 1280x960 pixels."""
    yield "Detected synthetic faces in images of 1280x960 pixels, by side in pixels (of seven)\n"
    yield "| detector | " + " | ".join(map(str, SIZES)) + " |"
    yield "|---|" + "---:|" * len(SIZES)
    faces = generate_faces(7, seed=10, size=200).images
    for detector in detectors:
        cells = [sum(_finds(detector, face, size) for face in faces) for size in SIZES]
        yield f"| {detector.name} | {' | '.join(map(str, cells))} |"


def _finds(detector: Detector, face: np.ndarray, size: int) -> bool:
    image = np.full((960, 1280, 3), 150, np.uint8)
    method = cv2.INTER_AREA if size < face.shape[0] else cv2.INTER_CUBIC
    image[80 : 80 + size, 200 : 200 + size] = cv2.resize(face, (size, size), interpolation=method)[..., None]
    return found_near(detector, image, 200 + size / 2, 80 + size / 2, size) is not None


def time_table(detectors: list[Detector]) -> Iterator[str]:
    """Milliseconds per image with one upright face, on one thread."""
    cv2.setNumThreads(1)
    yield "Milliseconds per image with one face, one thread, minimum of nine runs\n"
    yield "| detector | 320x240 | 640x480 | 1280x960 | 4000x3000 |"
    yield "|---|---:|---:|---:|---:|"
    face = generate_faces(7, seed=10, size=100).images[0]
    for detector in detectors:
        cells = [f"{1e3 * _seconds(detector, face, n):.1f}" for n in (1, 2, 4, 12.5)]
        yield f"| {detector.name} | {' | '.join(cells)} |"


def _seconds(detector: Detector, face: np.ndarray, factor: float) -> float:
    image = np.full((240, 320, 3), 150, np.uint8)
    image[60:160, 90:190] = face[..., None]
    image = cv2.resize(image, None, fx=factor, fy=factor)
    times = []
    for _ in range(9):
        started = time.perf_counter()
        detector.detect(image)
        times.append(time.perf_counter() - started)
    return min(times)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("source", help="FER2013, in any format that mien reads")
    parser.add_argument("--yunet", type=Path, help="YuNet's ONNX file; without it only mtcnn is measured")
    parser.add_argument("--bundle", help="name or file of a bundle; without it accuracy is not measured")
    parser.add_argument("--faces", type=int, default=1500, help="faces per table (default 1500)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
