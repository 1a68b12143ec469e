"""Faces and results as values that JSON can represent, and back: `Face.to_dict`, `Face.from_dict`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mien.detection.box import Box
from mien.detection.landmarks import Landmarks, Point
from mien.detection.provided.box_values import MAX_TILT
from mien.errors import MienError
from mien.files.json_fields import Key, count, flag, items, number, or_none, read_fields, require, text
from mien.limits import MAX_CLASSES, MAX_COORDINATE

if TYPE_CHECKING:
    from mien.recognition.face import Face, Result


def face_to_dict(face: "Face") -> dict[str, Any]:
    """Return a face as values that JSON can represent: pixels to one decimal, probabilities to five."""
    landmarks = face.landmarks
    return {
        "box": _rounded(face.box, 1),
        "score": round(float(face.score), 4),
        "tilt": round(float(face.tilt), 1),
        "landmarks": None if landmarks is None else _rounded_points(landmarks),
        "label": face.label,
        "confidence": round(float(face.confidence), 5),
        "uncertain": bool(face.uncertain),
        "uncertain_reason": face.uncertain_reason,
        "probabilities": dict(zip(face.classes, _rounded(face.probabilities, 5), strict=True)),
        "track": None if face.track is None else int(face.track),
    }


def result_to_dict(result: "Result") -> dict[str, Any]:
    """Return a result, without its image, as values that JSON can represent."""
    return {
        "source": result.source,
        "width": int(result.width),
        "height": int(result.height),
        "frame": None if result.frame is None else int(result.frame),
        "time": None if result.time is None else round(float(result.time), 4),
        "truncated": bool(result.truncated),
        "faces": [face_to_dict(face) for face in result.faces],
    }


def face_fields(values: object) -> dict[str, Any]:
    """Return the fields of a face from the values of `face_to_dict`.

    Unknown keys are ignored: a later version may have more.

    Raises:
        MienError: A key is missing, or its value is not one that a face has.
    """
    fields = read_fields(values, _FACE, "a face")
    shares: dict[str, float] = fields.pop("probabilities")
    if fields["label"] not in shares:
        raise MienError(f"a face: label {fields['label']!r}, expected a key of its probabilities")
    return fields | {"probabilities": tuple(shares.values()), "classes": tuple(shares)}


def result_fields(values: object) -> dict[str, Any]:
    """Return the fields of a result from the values of `result_to_dict`; its faces stay values.

    Raises:
        MienError: A key is missing, or its value is not one that a result has.
    """
    return read_fields(values, _RESULT, "a result")


_share, _pixels = number(0, 1), number(-MAX_COORDINATE, MAX_COORDINATE)


def _box(value: Any) -> Box:  # noqa: ANN401
    left, top, width, height = map(_pixels, items(value))
    return Box(left, top, width, height)


def _landmarks(value: Any) -> Landmarks:  # noqa: ANN401
    require(isinstance(value, Mapping) and set(value) == set(Landmarks._fields))
    points = {name: Point(*map(_pixels, items(point))) for name, point in value.items()}
    return Landmarks(**points)


def _probabilities(value: Any) -> dict[str, float]:  # noqa: ANN401
    require(isinstance(value, Mapping) and 0 < len(value) <= MAX_CLASSES)
    return {text(name): _share(share) for name, share in value.items()}


_FACE: Final = {
    "box": Key(_box, f"left, top, width and height in pixels, up to {MAX_COORDINATE:g}"),
    "score": Key(_share, "a number, 0 to 1"),
    "tilt": Key(number(-MAX_TILT, MAX_TILT), f"degrees, up to {MAX_TILT}"),
    "landmarks": Key(or_none(_landmarks), f"points named {', '.join(Landmarks._fields)}, or null"),
    "label": Key(text, "the name of a class"),
    "confidence": Key(_share, "a probability, 0 to 1"),
    "uncertain": Key(flag, "true or false"),
    "uncertain_reason": Key(or_none(text), "a string or null"),
    "probabilities": Key(_probabilities, f"probabilities, 0 to 1, of 1 to {MAX_CLASSES} classes by name"),
    "track": Key(or_none(count), "a whole number or null"),
}

_RESULT: Final = {
    "source": Key(text, "the path or name of the image"),
    "width": Key(count, "a number of pixels"),
    "height": Key(count, "a number of pixels"),
    "frame": Key(or_none(count), "the number of a frame, or null"),
    "time": Key(or_none(number(-MAX_COORDINATE, MAX_COORDINATE)), "seconds or null"),
    "truncated": Key(flag, "true or false"),
    "faces": Key(items, "a list of faces"),
}


def _rounded_points(landmarks: Landmarks) -> dict[str, list[float]]:
    return {name: _rounded(point, 1) for name, point in landmarks._asdict().items()}


def _rounded(values: Sequence[float], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]  # a float32 of NumPy stays one in round
