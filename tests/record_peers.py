"""Records the interfaces of fer and deepface: signatures, and the types of their results.

    python tests/record_peers.py fer FACES.png EMPTY.png VIDEO > tests/unit/compat/recorded_fer.json
    python tests/record_peers.py deepface FACES.png EMPTY.png > tests/unit/compat/recorded_deepface.json

Runs in an interpreter that has the package, not mien. The image has two faces, the other one none, the video
has two faces as well. `tests/unit/compat` compares `mien.compat` with the records.
"""

import inspect
import json
import sys
from importlib.metadata import version
from pathlib import Path

TYPES = {"float32": "float", "float64": "float", "int32": "int", "int64": "int"}


def shape_of(value):
    """Return the types of a value: dicts by key, sequences as a list that begins with "list" or "tuple".

    Arrays of one axis count as lists, and numbers of numpy as those of Python.
    """
    if isinstance(value, dict):
        return {key: shape_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple) or getattr(value, "ndim", None) == 1:
        kind = "tuple" if isinstance(value, tuple) else "list"
        return [kind, *(shape_of(item) for item in value)]
    if getattr(value, "ndim", 0):
        return f"array {value.dtype} of {value.ndim} axes"
    name = type(value).__name__
    return TYPES.get(name, name)


def signature_of(function):
    """Return the parameters of a function with their defaults, "required" where there is none."""
    parameters = inspect.signature(function).parameters.values()
    return {one.name: "required" if one.default is one.empty else repr(one.default) for one in parameters}


def error_of(call):
    """Return the names of the classes of what a call raises, and its message."""
    try:
        call()
    except BaseException as error:  # noqa: BLE001 - of any class
        return [[cls.__name__ for cls in type(error).__mro__], str(error)]
    return None


def record_fer(faces, empty, video):
    """Return the record of fer."""
    import cv2
    from fer.classes import Video
    from fer.fer import FER

    cv2.waitKey = lambda _: 0  # builds without windows have neither
    cv2.destroyAllWindows = lambda: None
    detector, image, film = FER(), cv2.imread(faces), Video(video)
    rows = film.analyze(detector)
    frame = film.to_pandas(rows)
    functions = (
        FER.__init__, FER.find_faces, FER.detect_emotions, FER.batch_detect_emotions, FER.top_emotion,
        Video.__init__, Video.analyze, Video.to_pandas, Video.get_first_face, Video.get_emotions,
    )  # fmt: skip
    return {
        "version": version("fer"),
        "signatures": {one.__qualname__: signature_of(one) for one in functions},
        "detect_emotions": shape_of(detector.detect_emotions(image)),
        "detect_emotions, no face": shape_of(detector.detect_emotions(empty)),
        "find_faces": shape_of(list(detector.find_faces(image))),
        "top_emotion": shape_of(detector.top_emotion(image)),
        "top_emotion, no face": shape_of(detector.top_emotion(empty)),
        "labels": list(detector._get_labels().values()),
        "analyze": shape_of(rows[:1]),
        "csv": Path("data.csv").read_text(encoding="utf-8").splitlines()[0],
        "columns": list(frame.columns),
        "types": [str(kind) for kind in frame.dtypes],
        "emotions": list(film.get_emotions(frame).columns),
        "no image": error_of(lambda: detector.detect_emotions("nowhere.jpg")),
        "no video": error_of(lambda: Video("nowhere.mp4")),
    }


def record_deepface(faces, empty):
    """Return the record of deepface."""
    from deepface import DeepFace

    def analyze(image=faces, **options):
        chosen = {"actions": ["emotion"], "silent": True} | options
        return DeepFace.analyze(image, **chosen)

    wrong = ({"actions": []}, {"actions": ["x"]}, {"detector_backend": "x"}, {"image": "nowhere.jpg"},
             {"image": 3}, {"image": empty})  # fmt: skip
    return {
        "version": version("deepface"),
        "signatures": {one.__name__: signature_of(one) for one in (DeepFace.analyze, DeepFace.extract_faces)},
        "analyze": shape_of(analyze()),
        "analyze, no face": shape_of(analyze(empty, enforce_detection=False)),
        "analyze, skip": shape_of(analyze(detector_backend="skip")),
        "analyze, list": shape_of(analyze([faces, empty], enforce_detection=False)),
        "region, no face": analyze(empty, enforce_detection=False)[0]["region"],
        "labels": list(analyze()[0]["emotion"]),
        "extract_faces": shape_of(DeepFace.extract_faces(faces)),
        "errors": [
            [repr(options), *error_of(lambda options=options: analyze(**options))] for options in wrong
        ],
    }


if __name__ == "__main__":
    print(json.dumps({"fer": record_fer, "deepface": record_deepface}[sys.argv[1]](*sys.argv[2:]), indent=1))
