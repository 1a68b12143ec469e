"""What all engines share: faces checked, equalised and handed over a batch at a time."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mien.bundle.card import Card
from mien.bundle.session import blaming
from mien.config.data import Prepare
from mien.errors import BundleError
from mien.predict.engine.base import Answers
from mien.transforms.prepare import equalise

BATCH = 64
"""Faces at a time: memory stays bounded whatever is asked, and more at a time is not faster."""

Look = Callable[[NDArray[np.uint8]], Answers]
"""Runs the graph on 1 to `BATCH` equalised faces."""


def answers_in_batches(faces: NDArray[np.uint8], card: Card, look: Look) -> Answers:
    """Return the answers of `look` to any number of faces.

    Args:
        faces: uint8 (n, side, side), grey, as they were cut; n may be 0.
        card: Of the bundle; names the CLAHE.
        look: Runs the graph.

    Raises:
        BundleError: The faces are not uint8 (n, side, side), or the graph fails on them.
    """
    _check_faces(faces, card)
    prepare, shape = Prepare(clahe=card.clahe), (len(faces), len(card.classes))
    answers = Answers(np.empty(shape, np.float32), np.empty(shape, np.float32))
    for start in range(0, len(faces), BATCH):
        part = slice(start, start + BATCH)
        with blaming(card.name):
            some = look(equalise(np.ascontiguousarray(faces[part]), prepare))
        _check_answers(some, answers.logits[part].shape, card)
        answers.probabilities[part], answers.logits[part] = some
    return answers


def _check_faces(faces: NDArray[np.uint8], card: Card) -> None:
    expected = (card.side, card.side)
    if not (isinstance(faces, np.ndarray) and faces.dtype == np.uint8 and faces.shape[1:] == expected):
        found = f"{faces.dtype} {faces.shape}" if isinstance(faces, np.ndarray) else type(faces).__name__
        raise BundleError(
            f"bundle {card.name}: faces are uint8 (n, {card.side}, {card.side}), these are {found}"
        )


def _check_answers(answers: Answers, expected: tuple[int, ...], card: Card) -> None:
    """An answer to another number of faces would be spread over all of them without a word."""
    for found in answers:
        if found.shape != expected:
            raise BundleError(
                f"bundle {card.name}: answers of shape {found.shape} where {expected} was expected"
            )
