"""Soft targets that ship with mien, matched by the pixels of the faces.

A file `shipped/NAME.npz` has, for each different face of a data set, a digest of its pixels and its predicted
probabilities, in steps of 1/255 of the largest. So the targets fit every edition of the data set with the
same pixels, in any order and under any ids. `fer2013-stacked` combines five out-of-fold networks and votes
of FER+ for the Training rows of FER2013, as `mien stack` does (docs/lab-notebook.md).
`benchmarks/soft_targets.py` makes such a file from the predictions of `mien stack`.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from mien.faceset import FaceSet

_FOLDER: Final = Path(__file__).with_name("shipped")


@dataclass(frozen=True)
class ShippedTargets:
    """Predicted probabilities of faces that are known by their pixels.

    Attributes:
        faces: uint64, (n,), digests of `pixel_digests`, ascending, each once.
        probabilities: float32, (n, classes), rows sum to 1.
        classes: Names of the columns.
    """

    faces: NDArray[np.uint64]
    probabilities: NDArray[np.float32]
    classes: tuple[str, ...]

    def positions(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the row of each image in `probabilities`, int64 (m,); -1 for an image that is unknown.

        Args:
            images: uint8, (m, size, size) or (m, size, size, 3).
        """
        digests = pixel_digests(images)
        places = np.searchsorted(self.faces, digests).clip(max=len(self.faces) - 1)
        return np.where(self.faces[places] == digests, places, -1)


def shipped_targets() -> list[str]:
    """Return the names of the soft targets that ship with mien, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.npz"))


def path_of_targets(name: str) -> Path:
    """Return the file of the soft targets that ship under a name."""
    return _FOLDER / f"{name}.npz"


def read_shipped_targets(name: str) -> ShippedTargets:
    """Read the soft targets that ship under a name."""
    return decode_targets(path_of_targets(name).read_bytes())


def decode_targets(content: bytes) -> ShippedTargets:
    """Return the targets in the content of a file, as `encode_targets` made it."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        levels = arrays["levels"].astype(np.float32)
        return ShippedTargets(
            arrays["faces"], levels / levels.sum(1, keepdims=True), tuple(arrays["classes"].tolist())
        )


def encode_targets(faces: FaceSet, probabilities: NDArray[np.float32], classes: tuple[str, ...]) -> bytes:
    """Return the content of a file of shipped targets.

    Args:
        faces: The faces; of identical ones the mean of the probabilities is kept.
        probabilities: float32, (len(faces), classes), rows sum to 1.
        classes: Names of the columns.
    """
    digests, owner = np.unique(pixel_digests(faces.images), return_inverse=True)
    sums = np.zeros((len(digests), len(classes)))
    np.add.at(sums, owner, probabilities)
    means = sums / np.bincount(owner)[:, None]
    buffer = io.BytesIO()
    levels = np.rint(means / means.max(1, keepdims=True) * 255).astype(np.uint8)
    np.savez_compressed(buffer, faces=digests, levels=levels, classes=np.array(classes, np.str_))
    return buffer.getvalue()


def pixel_digests(images: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return a digest of the pixels of each image, uint64 (n,)."""
    return np.array([xxhash.xxh3_64_intdigest(image.tobytes()) for image in images], np.uint64)
