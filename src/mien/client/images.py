"""Images of any kind as parts of a request, and the results that answer them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mien.client.answers import UNREADABLE, Answer, details_of, json_of, valid_answer
from mien.detection.base import Framing
from mien.errors import ImageError, MienError, ServerError
from mien.files.json_fields import Key, items, read_fields, text
from mien.media.images.reading import UNNAMED, ImageLike, encoded_image, read_image
from mien.recognition.face import Result
from mien.recognition.sources.items import Failure
from mien.text import counted

MAX_REQUEST: Final = 16 << 20
"""Bytes of the images of a request, at most, unless a single one has more."""


@dataclass(frozen=True, eq=False)
class Part:
    """An encoded image.

    Attributes:
        source: What results and errors call it: its path, "image", or "image 7".
        name: File name in the request. It says nothing about the file, and differs from all others there.
        content: The bytes of the file.
    """

    source: str
    name: str
    content: bytes


def part_of(image: ImageLike, number: int | None = None, *, bgr: bool = False) -> Part:
    """Return an image as a part of a request.

    Args:
        image: As `mien.media.images.reading.read_image` takes it.
        number: Its number among several, from 1; None for a single one.
        bgr: The channels of an array are in OpenCV's order.

    Raises:
        ImageError: The file can't be read, or it isn't an image.
    """
    unnamed = "image" if number is None else f"image {number}"
    source = os.fsdecode(image) if isinstance(image, str | os.PathLike) else unnamed
    return Part(source, f"image-{number or 1}", encoded_image(image, bgr=bgr))


def part_or_failure(image: ImageLike, number: int, *, bgr: bool) -> Part | Failure:
    """Return an image as a part, or why it can't be read."""
    try:
        return part_of(image, number, bgr=bgr)
    except MienError as error:
        source = os.fsdecode(image) if isinstance(image, str | os.PathLike) else f"image {number}"
        return Failure.of(source, error)


def requests_of(parts: Sequence[Part | Failure]) -> list[list[Part]]:
    """Return those parts that can be sent, in groups, one for each request, none too large for a server."""
    groups: list[list[Part]] = []
    size = 0
    for part in (one for one in parts if isinstance(one, Part)):
        size += len(part.content)
        if not groups or size > MAX_REQUEST:
            groups.append([])
            size = len(part.content)
        groups[-1].append(part)
    return groups


def results_of(answer: Answer, parts: Sequence[Part], *, provided: bool = False) -> list[Result | Failure]:
    """Return a result, or why there is none, for each part of a request, in order.

    Args:
        answer: Of `/v1/faces` or `/v1/crops`.
        parts: Of the request.
        provided: The boxes were provided.

    Raises:
        ServerError: The server refused the request, or its answer is not valid.
    """
    try:
        with valid_answer():
            return _results(json_of(answer), parts, provided=provided)
    except ServerError as error:
        reasons = details_of(error)
        if error.kind != UNREADABLE or len(reasons) != len(parts):
            raise
        return [_failure(part, reason) for part, reason in zip(parts, reasons, strict=True)]


def one_result(answer: Answer, part: Part, *, provided: bool, keep_image: bool) -> Result:
    """Return the result of a single image.

    Raises:
        ImageError: The server can't read the image.
        ServerError: It refused the request, or its answer is not valid.
    """
    found = require_results(results_of(answer, [part], provided=provided))[0]
    return replace(found, image=read_image(part.content)) if keep_image else found


def require_results(found: Sequence[Result | Failure]) -> list[Result]:
    """Return the results, after a check that there is no failure.

    Raises:
        ImageError: An image can't be read; the message is that of the first one.
    """
    failures = [one for one in found if isinstance(one, Failure)]
    if failures:
        raise ImageError(failures[0].message)
    return [one for one in found if isinstance(one, Result)]


def _results(content: object, parts: Sequence[Part], *, provided: bool) -> list[Result | Failure]:
    fields = read_fields(content, _ANSWER, "the results")
    if len(fields["results"]) != len(parts):
        raise MienError(f"{len(fields['results'])} results of {counted(len(parts), 'image')}")
    framing = _framing("provided" if provided else fields["detector"])
    return [_result(one, part, framing) for one, part in zip(fields["results"], parts, strict=True)]


def _result(values: object, part: Part, framing: Framing) -> Result | Failure:
    source = read_fields(values, {"source": Key(text, "a string")}, "a result")["source"]
    if source != part.name:
        raise MienError(f"a result of {source!r}, expected one of {part.name!r}")
    if isinstance(values, dict) and "error" in values:
        return _failure(part, read_fields(values, {"error": Key(text, "a string")}, "a failure")["error"])
    return replace(Result.from_dict(values), source=part.source, framing=framing)  # type: ignore[arg-type]


def _failure(part: Part, reason: str) -> Failure:
    shown = reason.removeprefix(f"{part.name}: ").removeprefix(f"{UNNAMED}: ")
    return Failure(part.source, f"{part.source}: {shown}")


def _framing(detector: str) -> Framing:
    """Return how a server crops the boxes of a detector; `Result.crops` needs it."""
    from mien.detection.mtcnn import detector as mtcnn
    from mien.detection.yunet import detector as yunet

    known = {"yunet": yunet.FRAMING, "provided": yunet.FRAMING, "mtcnn": mtcnn.FRAMING}
    return known.get(detector, Framing())


_ANSWER: Final = {"detector": Key(text, "a name"), "results": Key(items, "a list of results")}
