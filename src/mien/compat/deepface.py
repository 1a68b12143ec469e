"""The interface of deepface 0.0.103 for expressions.

    from mien.compat.deepface import DeepFace       # instead of: from deepface import DeepFace

    DeepFace.analyze("photo.jpg", actions=["emotion"])[0]["dominant_emotion"]

`analyze` and `extract_faces` take the arguments of deepface and return its lists of dicts, the largest face
first. Age, gender, race, verification and spoofing are not recognized: requesting them is an
`UnimplementedError`, which is a ValueError as in deepface.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import cv2

from mien.arguments import FINITE, FLAG, TEXT, checked
from mien.bundles.defaults import DEFAULT
from mien.compat.deepface_search import Found, Request, search
from mien.compat.errors import DataTypeError, FaceNotDetected, ImgNotFound, SpoofDetected, UnimplementedError

__all__ = [
    "DataTypeError",
    "DeepFace",
    "FaceNotDetected",
    "ImgNotFound",
    "SpoofDetected",
    "UnimplementedError",
    "analyze",
    "extract_faces",
]

DeepFace: Final = sys.modules[__name__]
"""This module, by the name that scripts import from `deepface`."""

ACTIONS: Final = ("emotion", "age", "gender", "race")
"""What deepface recognizes."""

_COLORS: Final = {"rgb": None, "bgr": cv2.COLOR_RGB2BGR, "gray": cv2.COLOR_RGB2GRAY}

_log = logging.getLogger("mien")


@checked(
    UnimplementedError, enforce_detection=FLAG, detector_backend=TEXT, align=FLAG, expand_percentage=FINITE,
    silent=FLAG, anti_spoofing=FLAG,
)  # fmt: skip
def analyze(
    img_path: Any,  # noqa: ANN401 - any image
    actions: Sequence[str] | None = None,
    enforce_detection: bool = True,
    detector_backend: str = "opencv",
    align: bool = True,
    expand_percentage: float = 0,
    silent: bool = False,
    anti_spoofing: bool = False,
    *,
    bundle: str | Path = DEFAULT,
) -> list[Any]:
    """Return the expressions of the faces of an image, as `DeepFace.analyze` does.

    Args:
        img_path: A path, an address, a data URI, a file opened with "rb" or an array in BGR; or a list or an
            array (n, height, width, 3) of these.
        actions: "emotion", or a list of it. deepface also recognizes age, gender and race, and does so by
            default: without `actions`, a warning says once that mien leaves them out.
        enforce_detection: Raise FaceNotDetected for an image without a face; otherwise the whole image is
            taken as a face, with `face_confidence` 0.
        detector_backend: A backend of deepface. "yunet" and "mtcnn" are those of mien, with "skip" the image
            is the face, and for all others the default detector of mien finds the faces.
        align: Rotate tilted heads upright before they are classified.
        expand_percentage: Percent by which boxes are enlarged; a negative one is 0.
        silent: Don't log the warning about `actions`.
        anti_spoofing: Must be false; mien has no check against spoofing.
        bundle: Name or path of a bundle of mien; not an argument of deepface.

    Returns:
        A dict for each face: "emotion" (percent of each class, in the order of the bundle),
        "dominant_emotion", "region" ("x", "y", "w", "h" in pixels, "left_eye" and "right_eye" of the person
        as (x, y) or None) and "face_confidence" (score of the detector, 0 to 1). For several images, a list
        of such lists.

    Raises:
        FaceNotDetected: There is no face.
        ImgNotFound: An image can't be read.
        DataTypeError: It is no image.
        UnimplementedError: An action, backend or option that mien doesn't have.
    """
    _require_actions(actions, silent=silent)
    request = Request(enforce_detection, detector_backend, align, expand_percentage, anti_spoofing, bundle)
    found = search(img_path, request)
    if isinstance(found, list):
        return [_analyses(one) for one in found]
    return _analyses(found)


@checked(
    UnimplementedError, enforce_detection=FLAG, detector_backend=TEXT, align=FLAG, expand_percentage=FINITE,
    grayscale=FLAG, color_face=TEXT, normalize_face=FLAG, anti_spoofing=FLAG,
)  # fmt: skip
def extract_faces(
    img_path: Any,  # noqa: ANN401 - any image
    detector_backend: str = "opencv",
    enforce_detection: bool = True,
    align: bool = True,
    expand_percentage: float = 0,
    grayscale: bool = False,
    color_face: str = "rgb",
    normalize_face: bool = True,
    anti_spoofing: bool = False,
) -> list[Any]:
    """Return the faces of an image as arrays, as `DeepFace.extract_faces` does.

    Args:
        img_path: As for `analyze`.
        detector_backend: As for `analyze`.
        enforce_detection: As for `analyze`.
        align: Rotate tilted heads upright.
        expand_percentage: As for `analyze`.
        grayscale: The same as `color_face="gray"`.
        color_face: Order of the channels: "rgb", "bgr" or "gray".
        normalize_face: Return floats from 0 to 1 instead of uint8.
        anti_spoofing: Must be false.

    Returns:
        A dict for each face: "face" (height, width, 3) or (height, width), "facial_area" (the "region" of
        `analyze`) and "confidence". For several images, a list of such lists.

    Raises:
        FaceNotDetected: There is no face.
        ImgNotFound: An image can't be read.
        DataTypeError: It is no image.
        UnimplementedError: A backend, color or option that mien doesn't have.
    """
    color = "gray" if grayscale else color_face
    if color not in _COLORS:
        raise UnimplementedError(f"color_face {color!r}: expected rgb, bgr or gray")
    request = Request(enforce_detection, detector_backend, align, expand_percentage, anti_spoofing, DEFAULT)
    found = search(img_path, request)
    if isinstance(found, list):
        return [_extracts(one, color, normalize=normalize_face) for one in found]
    return _extracts(found, color, normalize=normalize_face)


def _analyses(found: Found) -> list[dict[str, Any]]:
    return [
        {
            "emotion": {
                name: 100 * share for name, share in zip(face.classes, face.probabilities, strict=True)
            },
            "dominant_emotion": face.label,
            "region": found.region(face),
            "face_confidence": found.confidence(face),
        }
        for face in found.faces()
    ]


def _extracts(found: Found, color: str, *, normalize: bool) -> list[dict[str, Any]]:
    extracts = []
    for detection in found.detections:
        code = _COLORS[color]
        pixels = found.upright(detection)
        face = pixels if code is None else cv2.cvtColor(pixels, code)
        extracts.append(
            {
                "face": face / 255 if normalize else face,
                "facial_area": found.region(detection),
                "confidence": found.confidence(detection),
            }
        )
    return extracts


def _require_actions(actions: Sequence[str] | None, *, silent: bool) -> None:
    if actions is None:
        if not silent:
            _note_actions()
        return
    chosen = [actions] if isinstance(actions, str) else actions
    if not isinstance(chosen, list | tuple) or not chosen:
        raise UnimplementedError("`actions` must be a list of strings.")
    for action in chosen:
        if action not in ACTIONS:
            raise UnimplementedError(
                f"Invalid action passed ({action!r}). The one that mien has is `emotion`."
            )
        if action != "emotion":
            raise UnimplementedError(
                f"action {action!r}: mien recognizes expressions only; pass actions=['emotion']"
            )


@cache
def _note_actions() -> None:
    _log.warning(
        "mien recognizes expressions only, without age, gender and race; actions=['emotion'] or silent=True "
        "hides this warning"
    )


_NO_PERSONS: Final = "mien recognizes expressions, not persons"
_UNSERVED: Final = dict.fromkeys(
    ("verify", "find", "represent", "register", "search", "identify", "build_index"), _NO_PERSONS
) | {
    "stream": "the command `mien webcam` and `mien.load().stream(0)` recognize a webcam",
    "build_model": "analyze loads the network itself; leave the call out",
    "detectFace": "use extract_faces, which deepface replaced it by",
}
"""Public functions of deepface that mien doesn't have, and why."""


def __getattr__(name: str) -> Callable[..., NoReturn]:
    if name not in _UNSERVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def unserved(*_: object, **__: object) -> NoReturn:
        raise UnimplementedError(f"DeepFace.{name} is not part of mien.compat: {_UNSERVED[name]}")

    return unserved
