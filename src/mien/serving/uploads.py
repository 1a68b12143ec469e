"""The files of a multipart request, in memory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from mien.serving.problems import Problem

FILES: Final = "files"
"""Name of the parts that are files."""

BOXES: Final = "boxes"
"""Name of the part with boxes, as JSON."""

MAX_BOXES: Final = 2000
"""Boxes of a request, at most."""

_MAX_FIELD: Final = 1 << 20


@dataclass(frozen=True)
class Upload:
    """A file of a request.

    Attributes:
        name: Its file name, as the client gave it; it is never opened.
        content: Its bytes.
    """

    name: str
    content: bytes


@dataclass(frozen=True)
class Form:
    """The parts of a request.

    Attributes:
        files: In order.
        fields: Texts by name.
    """

    files: Sequence[Upload]
    fields: Mapping[str, str]


class _MemoryParser(MultiPartParser):
    """Keeps files in memory, whose size the body limit bounds; nothing of an image reaches a disk."""

    def __init__(self, request: Request, most_files: int, most_bytes: int) -> None:
        self.spool_max_size = most_bytes + 1
        super().__init__(
            request.headers, request.stream(), max_files=most_files, max_fields=8, max_part_size=_MAX_FIELD
        )


async def read_form(request: Request, *, most_files: int, most_bytes: int) -> Form:
    """Read a multipart body.

    Args:
        request: Its content type must be multipart/form-data.
        most_files: Files, at most.
        most_bytes: Bytes of the body, at most; the guard of the server enforces it.

    Raises:
        Problem: It is of another type or damaged, has no file or too many, or an unknown part.
    """
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        raise Problem(
            "unsupported-type", f"{kind or 'no type'}: expected multipart/form-data with parts named {FILES}"
        )
    try:
        form = await _MemoryParser(request, most_files, most_bytes).parse()
    except MultiPartException as error:
        is_large = "Too many files" in error.message or "exceeded" in error.message
        kind = "too-large" if is_large else "invalid-body"
        raise Problem(kind, error.message) from error
    try:
        return await _checked(form)
    finally:
        await form.close()


async def _checked(form: FormData) -> Form:
    files, fields = list[Upload](), dict[str, str]()
    for number, (name, part) in enumerate(form.multi_items(), 1):
        if isinstance(part, UploadFile) and name == FILES:
            files.append(Upload(part.filename or f"image {number}", await part.read()))
        elif isinstance(part, str) and name == BOXES:
            fields[name] = part
        else:
            kind = "a file" if isinstance(part, UploadFile) else "a text"
            raise Problem(
                "invalid-body",
                f"part {name!r} is {kind}: expected files named {FILES}, or a text named {BOXES}",
            )
    if not files:
        raise Problem("invalid-body", f"no file: expected one or more parts named {FILES}, with file names")
    return Form(files, fields)


def boxes_of(text: str, files: Sequence[Upload]) -> dict[str, list[list[float]]]:
    """Return the boxes of images by name, from JSON.

    Args:
        text: `{"photo.jpg": [[left, top, width, height], …]}`, or a list of boxes for a single image.
        files: The images of the request.

    Raises:
        Problem: It isn't such JSON, or names another image.
    """
    expected = "expected a JSON object with lists of [left, top, width, height] by file name"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Problem("invalid-request", f"boxes: not JSON; {expected}") from error
    if isinstance(found, list) and len(files) == 1:
        found = {files[0].name: found}
    if not isinstance(found, dict) or not all(isinstance(one, list) for one in found.values()):
        raise Problem("invalid-request", f"boxes: {expected}")
    names = {one.name for one in files}
    if sum(map(len, found.values())) > MAX_BOXES:
        raise Problem("invalid-request", f"boxes: expected {MAX_BOXES} at most in a request")
    unknown = [name for name in found if name not in names]
    if unknown:
        raise Problem("invalid-request", f"boxes: no file of this request is named {unknown[0]!r}")
    return found
