"""Faces and results as values that JSON can represent, and back: `Face.to_dict`, `Face.from_dict`."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mien.detection.box import Box
from mien.detection.box_values import MAX_TILT
from mien.detection.landmarks import Landmarks, Point
from mien.errors import MienError
from mien.limits import MAX_CLASSES, MAX_COORDINATE
from mien.text import elided

if TYPE_CHECKING:
    from mien.recognition.face import Face, Result

_MAX_COUNT: Final = 1 << 53
"""Largest whole number that all readers of JSON represent exactly."""


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
    fields = _fields(values, _FACE, "a face")
    shares: dict[str, float] = fields.pop("probabilities")
    if fields["label"] not in shares:
        raise MienError(f"a face: label {fields['label']!r}, expected a key of its probabilities")
    return fields | {"probabilities": tuple(shares.values()), "classes": tuple(shares)}


def result_fields(values: object) -> dict[str, Any]:
    """Return the fields of a result from the values of `result_to_dict`; its faces stay values.

    Raises:
        MienError: A key is missing, or its value is not one that a result has.
    """
    return _fields(values, _RESULT, "a result")


class _Key(NamedTuple):
    """How the value of a key is read: `read` raises ValueError or TypeError for one that is not valid."""

    read: Callable[[Any], Any]
    expected: str


def _fields(values: object, keys: Mapping[str, _Key], noun: str) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise MienError(f"{noun} of type {type(values).__name__}, expected an object of JSON")
    fields = {}
    for name, key in keys.items():
        if name not in values:
            raise MienError(f"{noun}: no key {name!r}, expected {key.expected}")
        try:
            fields[name] = key.read(values[name])
        except (TypeError, ValueError) as error:
            raise MienError(f"{noun}: {name} is {_shown(values[name])}, expected {key.expected}") from error
    return fields


def _require(is_valid: object) -> None:
    if not is_valid:
        raise ValueError


def _number(low: float, high: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:  # noqa: ANN401 - any JSON
        _require(type(value) in (int, float) and low <= value <= high)
        return float(value)

    return read


def _count(value: Any) -> int:  # noqa: ANN401
    _require(type(value) is int and 0 <= value <= _MAX_COUNT)
    return int(value)


def _text(value: Any) -> str:  # noqa: ANN401
    _require(isinstance(value, str))
    return str(value)


def _flag(value: Any) -> bool:  # noqa: ANN401
    _require(isinstance(value, bool))
    return bool(value)


def _list(value: Any) -> Sequence[Any]:  # noqa: ANN401
    _require(isinstance(value, list | tuple))
    return list(value)


def _or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


_share, _pixels = _number(0, 1), _number(-MAX_COORDINATE, MAX_COORDINATE)


def _box(value: Any) -> Box:  # noqa: ANN401
    left, top, width, height = map(_pixels, _list(value))
    return Box(left, top, width, height)


def _landmarks(value: Any) -> Landmarks:  # noqa: ANN401
    _require(isinstance(value, Mapping) and set(value) == set(Landmarks._fields))
    points = {name: Point(*map(_pixels, _list(point))) for name, point in value.items()}
    return Landmarks(**points)


def _probabilities(value: Any) -> dict[str, float]:  # noqa: ANN401
    _require(isinstance(value, Mapping) and 0 < len(value) <= MAX_CLASSES)
    return {_text(name): _share(share) for name, share in value.items()}


_FACE: Final = {
    "box": _Key(_box, f"left, top, width and height in pixels, up to {MAX_COORDINATE:g}"),
    "score": _Key(_share, "a number, 0 to 1"),
    "tilt": _Key(_number(-MAX_TILT, MAX_TILT), f"degrees, up to {MAX_TILT}"),
    "landmarks": _Key(_or_none(_landmarks), f"points named {', '.join(Landmarks._fields)}, or null"),
    "label": _Key(_text, "the name of a class"),
    "confidence": _Key(_share, "a probability, 0 to 1"),
    "uncertain": _Key(_flag, "true or false"),
    "uncertain_reason": _Key(_or_none(_text), "a string or null"),
    "probabilities": _Key(_probabilities, f"probabilities, 0 to 1, of 1 to {MAX_CLASSES} classes by name"),
    "track": _Key(_or_none(_count), "a whole number or null"),
}

_RESULT: Final = {
    "source": _Key(_text, "the path or name of the image"),
    "width": _Key(_count, "a number of pixels"),
    "height": _Key(_count, "a number of pixels"),
    "frame": _Key(_or_none(_count), "the number of a frame, or null"),
    "time": _Key(_or_none(_number(-MAX_COORDINATE, MAX_COORDINATE)), "seconds or null"),
    "truncated": _Key(_flag, "true or false"),
    "faces": _Key(_list, "a list of faces"),
}


def _shown(value: object) -> str:
    """A short text of a value; Python refuses to write integers of thousands of digits."""
    try:
        return "null" if value is None else elided(repr(value), 60)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"


def _rounded_points(landmarks: Landmarks) -> dict[str, list[float]]:
    return {name: _rounded(point, 1) for name, point in landmarks._asdict().items()}


def _rounded(values: Sequence[float], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]  # a float32 of NumPy stays one in round
