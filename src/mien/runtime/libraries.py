"""Imports of the inference libraries without their telemetry.

Both libraries report their use to a server of their maker as soon as they are imported, and leave an
identifier in the home directory. Nothing of that is reversible afterwards, so it is disabled before the
import, and all of mien imports them by these functions. A library that the program has imported by itself
is left as it is.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from threading import RLock
from types import ModuleType
from typing import Final

from mien.errors import MissingExtraError

_ONNXRUNTIME_SWITCH: Final = "ORT_DISABLE_TELEMETRY"
_OPENVINO_TELEMETRY: Final = "openvino_telemetry"

_importing: Final = RLock()


def import_onnxruntime(module: str = "onnxruntime") -> ModuleType:
    """Import ONNX Runtime, or a module of it such as "onnxruntime.quantization", and return it.

    Its documented environment variable is set for this process and its children, unless it has a value.
    """
    os.environ.setdefault(_ONNXRUNTIME_SWITCH, "1")
    library = importlib.import_module(module)
    importlib.import_module("onnxruntime").disable_telemetry_events()
    return library


def import_openvino() -> ModuleType:
    """Import OpenVINO and return it.

    There is neither an environment variable nor an argument for its telemetry, only a file in the home
    directory. But OpenVINO runs without the separate package that it reports by, so that is hidden during
    the import.

    Raises:
        MissingExtraError: OpenVINO is not installed.
    """
    try:
        with _importing, _hidden(_OPENVINO_TELEMETRY):
            return importlib.import_module("openvino")
    except ModuleNotFoundError as error:
        raise MissingExtraError("openvino", "openvino") from error


def has_openvino() -> bool:
    """Return whether OpenVINO is installed; imports nothing."""
    return find_spec("openvino") is not None


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Make imports of a package fail as if it were not installed."""
    before = sys.modules.get(package)
    sys.modules[package] = None  # type: ignore[assignment]  # documented: an import of it fails
    try:
        yield
    finally:
        if before is None:
            del sys.modules[package]
        else:
            sys.modules[package] = before
