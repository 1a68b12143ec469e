"""Writes an explanation to a file: the figure, the page, or the arrays."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from mien.errors import MienError
from mien.files import writing
from mien.files.identify import EXPLANATION_MARK
from mien.files.targets import require_file
from mien.optional import import_optional

if TYPE_CHECKING:
    from mien.explanation.explanation import Explanation


def write(explanation: "Explanation", path: str | Path) -> Path:
    """Write an explanation; see `Explanation.save`."""
    target = require_target(path)
    writing.write_bytes(target, FORMATS[target.suffix.lower()](explanation))
    return target


def require_target(path: str | Path) -> Path:
    """Return a path to which an explanation can be written.

    Raises:
        MienError: Its ending is unknown, or it can't be written.
        MissingExtraError: The format needs a package that is not installed.
    """
    target = writing.as_path(path, "output")
    if target.suffix.lower() not in FORMATS:
        raise MienError(f"{target}: unknown ending, expected {', '.join(FORMATS)}", path=target)
    if (package := PACKAGES.get(target.suffix.lower())) is not None:
        import_optional(package, "report")
    require_file(target)
    return target


def _png(explanation: "Explanation") -> bytes:
    encode = import_optional("mien.figures.encode", "report")
    content: bytes = encode.png(explanation.plot(), software=EXPLANATION_MARK)
    return content


def _html(explanation: "Explanation") -> bytes:
    from mien.text import utf8

    page: str = import_optional("mien.explanation.page", "report").page_of(explanation)
    return utf8(page)


def _npz(explanation: "Explanation") -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        explanation=np.array(EXPLANATION_MARK),
        method=np.array(explanation.method),
        classes=np.array(explanation.classes),
        sources=np.array(explanation.sources, np.str_),
        boxes=explanation.boxes,
        crops=explanation.crops,
        probabilities=explanation.probabilities,
        targets=explanation.targets,
        maps=explanation.maps,
    )
    return stream.getvalue()


FORMATS: Final[Mapping[str, Callable[["Explanation"], bytes]]] = MappingProxyType(
    {".png": _png, ".html": _html, ".npz": _npz}
)
"""Encoders by ending."""

PACKAGES: Final[Mapping[str, str]] = MappingProxyType({".png": "matplotlib", ".html": "jinja2"})
"""Packages of the extra `report` by the ending that needs them."""
