"""What all engines share: faces checked, equalized and handed over a batch at a time."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import BundleMetadata
from mien.bundles.onnx_session import blaming
from mien.config.data import Preprocess
from mien.errors import BundleError
from mien.recognition.engines.base import Answers
from mien.transforms.preprocess import equalize

BATCH = 64
"""Faces at a time: memory stays bounded whatever is asked, and more at a time is not faster."""

Look = Callable[[NDArray[np.uint8]], Answers]
"""Runs the graph on 1 to `BATCH` equalized faces."""


def answers_in_batches(faces: NDArray[np.uint8], metadata: BundleMetadata, look: Look) -> Answers:
    """Return the answers of `look` to any number of faces.

    Args:
        faces: uint8 (n, side, side), gray, as they were cut; n may be 0.
        metadata: Of the bundle; names the CLAHE.
        look: Runs the graph.

    Raises:
        BundleError: The faces are not uint8 (n, side, side), or the graph fails on them.
    """
    _check_faces(faces, metadata)
    preprocess, shape = Preprocess(clahe=metadata.clahe), (len(faces), len(metadata.classes))
    answers = Answers(np.empty(shape, np.float32), np.empty(shape, np.float32))
    for start in range(0, len(faces), BATCH):
        part = slice(start, start + BATCH)
        with blaming(metadata.name):
            some = look(equalize(np.ascontiguousarray(faces[part]), preprocess))
        _check_answers(some, answers.logits[part].shape, metadata)
        answers.probabilities[part], answers.logits[part] = some
    return answers


def _check_faces(faces: NDArray[np.uint8], metadata: BundleMetadata) -> None:
    expected = (metadata.size, metadata.size)
    if not (isinstance(faces, np.ndarray) and faces.dtype == np.uint8 and faces.shape[1:] == expected):
        found = f"{faces.dtype} {faces.shape}" if isinstance(faces, np.ndarray) else type(faces).__name__
        raise BundleError(
            f"bundle {metadata.name}: faces are uint8 (n, {metadata.size}, {metadata.size}), these are {found}"
        )


def _check_answers(answers: Answers, expected: tuple[int, ...], metadata: BundleMetadata) -> None:
    """An answer to another number of faces would be spread over all of them without a word."""
    for found in answers:
        if found.shape != expected:
            raise BundleError(
                f"bundle {metadata.name}: answers of shape {found.shape} where {expected} was expected"
            )
