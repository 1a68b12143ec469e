"""The image that a result may keep: its type, the crops of its faces, and HTML for notebooks."""

import io
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection
from mien.detection.crops import crop_faces, side_of
from mien.errors import ImageError

if TYPE_CHECKING:
    from mien.recognition.face import Result

HTML_SIDE: Final = 1024
"""Longer side of the image in a notebook, in pixels, at most."""

_MAX_SIDE: Final = 8192
"""Longest side of a crop in pixels."""


class NotJson:
    """Annotation of a value that pydantic, and with it FastAPI, writes as null in JSON."""

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> dict[str, Any]:
        as_null = {"type": "function-plain", "function": lambda _: None, "when_used": "json"}
        return {"type": "any", "serialization": as_null}

    @classmethod
    def __get_pydantic_json_schema__(cls, *_: object) -> dict[str, Any]:
        return {"type": "null"}


def kept_image(result: "Result") -> NDArray[np.uint8]:
    """Return the image of a result, RGB uint8 (height, width, 3).

    Raises:
        ImageError: It was not kept.
    """
    if result.image is None:
        option = "keep_image" if result.frame is None else "keep_images"
        raise ImageError(f"{result.source}: this result has no image; pass {option}=True when recognizing")
    return result.image


def crops_of(result: "Result", size: int | None) -> list[NDArray[np.uint8]]:
    """Return the face of each box in color, RGB uint8 (side, side, 3); see `Result.crops`.

    Raises:
        ImageError: The image was not kept, or the size is out of range.
    """
    if size is not None and not 0 < size <= _MAX_SIDE:
        raise ImageError(f"size={size}, expected the side of the crops in pixels, 1 to {_MAX_SIDE}")
    image, framing = kept_image(result), result.framing
    longest = min(max(image.shape), _MAX_SIDE)
    found = [Detection(face.box, face.score, face.tilt) for face in result.faces]
    sides = [size or min(side_of(one, framing), longest) for one in found]
    return [crop_faces(image, [one], side, framing)[0] for one, side in zip(found, sides, strict=True)]


def html_of(result: "Result") -> str:
    """Return the image with its boxes for a notebook; text where the image was not kept."""
    text = escape(repr(result))
    if result.image is None:
        return f"<pre>{text}</pre>"
    drawn = result.plot()
    drawn.thumbnail((HTML_SIDE, HTML_SIDE))
    buffer = io.BytesIO()
    drawn.save(buffer, "PNG")
    content = b64encode(buffer.getvalue()).decode()
    return f'<img src="data:image/png;base64,{content}" alt="{text}" style="max-width: 100%">'
