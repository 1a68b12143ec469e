"""One peer of benchmarks/peers.py, run in an interpreter that has its packages; it needs no mien.

    PYTHON peers_system.py KIND FILE FACES OUTPUT

KIND is fer-lite or fer-keras (the package `fer`, FILE is -), keras (a Keras file with the preprocessing of
oarriaga's face_classification) or deepface (the weights of its emotion network). FACES is an NPZ of `clean`
and `corrupted`, gray uint8 (n, 48, 48), and `scenes`, gray uint8 (m, 320, 320) with one face each.
OUTPUT is an NPZ of the probabilities of `clean` and `corrupted`, in the order angry, disgust, fear, happy,
sad, surprise, neutral; of the `answers` for the scenes, the position of a class or -1 without a face; and of
the CPU seconds of each (`seconds_clean`, `seconds_scenes`).
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import cv2
import numpy as np

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
BATCH = 64
Network = Callable[[np.ndarray], np.ndarray]
"""From gray faces, uint8 (n, 48, 48), to probabilities (n, 7)."""
Answer = Callable[[np.ndarray], int]
"""From a BGR image to the position of the class of its first face, or -1."""


def main(kind: str, file: str, faces: str, output: str) -> None:
    """Measure one peer."""
    network, answer = SYSTEMS[kind](file)
    with np.load(faces) as arrays:
        np.savez(output, **measured(network, answer, arrays))


def measured(network: Network, answer: Answer | None, arrays: Any) -> dict[str, Any]:  # noqa: ANN401 - an NPZ
    """Return the probabilities, answers and CPU seconds of a system."""
    clean, corrupted, scenes = arrays["clean"], arrays["corrupted"], arrays["scenes"]
    in_batches(network, clean[:BATCH])  # the first call prepares the network
    started = time.process_time()
    found = {"clean": in_batches(network, clean), "seconds_clean": time.process_time() - started}
    found["corrupted"] = in_batches(network, corrupted)
    if answer is not None:
        images = [cv2.cvtColor(scene, cv2.COLOR_GRAY2BGR) for scene in scenes]
        answer(images[0])
        started = time.process_time()
        found["answers"] = np.array([answer(image) for image in images])
        found["seconds_scenes"] = time.process_time() - started
    return found


def in_batches(network: Network, faces: np.ndarray) -> np.ndarray:
    """Return the probabilities of faces, computed in batches."""
    parts = [network(faces[start : start + BATCH]) for start in range(0, len(faces), BATCH)]
    return np.concatenate(parts).astype(np.float64)


def fer(*, lite: bool) -> tuple[Network, Answer]:
    """Return the package `fer`: its classifier, and `detect_emotions`."""
    from fer.fer import FER

    detector = FER(use_tflite=lite)

    def network(faces: np.ndarray) -> np.ndarray:
        return np.asarray(detector._classify_emotions(_signed(faces, 64)[..., 0]))  # noqa: SLF001

    def answer(image: np.ndarray) -> int:
        label, _ = detector.top_emotion(image)
        return -1 if label is None else LABELS.index(label)

    return network, answer


def keras(file: str) -> tuple[Network, None]:
    """Return a network of oarriaga's face_classification, such as fer2013_mini_XCEPTION.102-0.66.hdf5."""
    from tensorflow.keras.models import load_model

    model = load_model(file, compile=False)
    side = model.input_shape[1]
    return lambda faces: np.asarray(model(_signed(faces, side))), None


def deepface(file: str) -> tuple[Network, Answer | None]:
    """Return the emotion network of deepface with the weights of a file, and `DeepFace.analyze`."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    home = Path(file).resolve().parent / "deepface-home"
    weights = home / ".deepface" / "weights" / "facial_expression_model_weights.h5"
    weights.parent.mkdir(parents=True, exist_ok=True)
    weights.unlink(missing_ok=True)
    weights.symlink_to(Path(file).resolve())
    os.environ["DEEPFACE_HOME"] = str(home)
    from deepface import DeepFace

    client = DeepFace.build_model("Emotion", task="facial_attribute")

    def network(faces: np.ndarray) -> np.ndarray:
        colors = [cv2.cvtColor(face, cv2.COLOR_GRAY2BGR) / np.float32(255) for face in faces]
        found = np.asarray(client.predict([cv2.resize(face, (224, 224)) for face in colors]))
        return found.reshape(len(faces), -1)

    def answer(image: np.ndarray) -> int:
        found = DeepFace.analyze(image, actions=["emotion"], enforce_detection=False, silent=True)
        return LABELS.index(found[0]["dominant_emotion"]) if found[0]["face_confidence"] else -1

    return network, answer


def _signed(faces: np.ndarray, side: int) -> np.ndarray:
    """Return faces as float32 (n, side, side, 1) from -1 to 1, the preprocessing of oarriaga's networks."""
    resized = np.stack([cv2.resize(face, (side, side)) for face in faces])
    return ((resized.astype(np.float32) / 255 - 0.5) * 2)[..., None]


SYSTEMS = {
    "fer-lite": lambda _: fer(lite=True),
    "fer-keras": lambda _: fer(lite=False),
    "keras": keras,
    "deepface": deepface,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=SYSTEMS)
    for name in ("file", "faces", "output"):
        parser.add_argument(name)
    main(**vars(parser.parse_args()))
