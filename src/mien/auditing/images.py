"""Findings about single images: too bad (blank, dark, blurred, ...), not upright, or no face."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.auditing.face_search import shows_face
from mien.auditing.faceness import face_evidence, face_scores, log_odds, turned_scores
from mien.auditing.finding import NOT_A_FACE, TURNED, Finding, finding
from mien.auditing.quality import BLANK, DARK, LIMIT_OF, MEASURES, PARTLY_BLANK, measured
from mien.faceset import FaceSet

UPRIGHT: Final = 0.97
"""Score of O-Net from which an image is an upright face. Of FER2013's faces, 92 % are above."""

LOW: Final = 0.88
"""Score below which an image may be no face. Of FER2013's faces, 4 % are below."""

LEAST_EVIDENCE: Final = -2.0
"""Evidence below which an image is no face, unless MTCNN finds one in it. Of FER2013's faces, 0.6 % are
below, and MTCNN finds 43 % of these (docs/lab-notebook.md, 2026-11-27)."""

LEAST_TURNED: Final = 0.9
"""Score of a face after a turn, at least."""

LEAST_GAIN: Final = 3.0
"""Log odds that a turn gains, at least. Of FER2013's faces, 0.6 % gain as much: they are tilted by 45 degrees
or more. Of faces that were turned by 90 and 180 degrees, 89 and 83 % are found."""

MOST_REJECTED: Final = 0.2
"""If more images are no faces by these rules, the rules don't suit the data set, as with drawings."""

Floats = NDArray[np.float64]


def bad_images(faces: FaceSet) -> tuple[list[Finding], list[str]]:
    """Return the findings about single images, and notes for the user."""
    found = list(_bad(faces))
    hidden = {one.position for one in found if one.reason in (BLANK, DARK)}
    others = [one for one in _non_faces(faces) if one.position not in hidden]
    rejected = sum(one.reason == NOT_A_FACE for one in others)
    if rejected > MOST_REJECTED * len(faces):
        note = (
            f"{rejected:,} of {len(faces):,} images are no faces for the network that judges it, so neither "
            "these nor turned faces are reported: the data set seems to show other faces than photographs"
        )
        return found, [note]
    return [*found, *others], []


def _bad(faces: FaceSet) -> Iterator[Finding]:
    """Yield the images beyond the limit of a measure. One that is blank is not partly blank, too."""
    measures = measured(faces.images)
    for measure in MEASURES:
        values = measures[measure.reason]
        beyond = values < measure.limit
        if measure.reason == PARTLY_BLANK:
            beyond &= measures[BLANK] >= LIMIT_OF[BLANK]
        for at in np.flatnonzero(beyond):
            yield finding(
                faces, int(at), measure.reason, 1 - values[at] / measure.limit,
                details=measure.unit.format(values[at]),
            )  # fmt: skip


def _non_faces(faces: FaceSet) -> Iterator[Finding]:
    """Yield the images that show no face, and those that show one after a turn."""
    scores = face_scores(faces.images, UPRIGHT)
    turned = {one.position: one for one in _turned(faces, scores)}
    yield from turned.values()
    low = np.array([at for at in np.flatnonzero(scores < LOW).tolist() if at not in turned], np.int64)
    evidence = face_evidence(faces.images[low])
    rows = np.flatnonzero(evidence < LEAST_EVIDENCE)
    for at in rows[~shows_face(faces.images[low[rows]])]:
        yield finding(
            faces, int(low[at]), NOT_A_FACE, 1 / (1 + np.exp(evidence[at] - LEAST_EVIDENCE)),
            details=f"no face is recognized (evidence {evidence[at]:.1f}, {LEAST_EVIDENCE:.0f} at least)",
        )  # fmt: skip


def _turned(faces: FaceSet, scores: Floats) -> Iterator[Finding]:
    """Yield the images that are more certainly a face after a turn by 90, 180 or 270 degrees."""
    rows = np.flatnonzero(scores < UPRIGHT)
    if not len(rows):
        return
    after, degrees = turned_scores(faces.images[rows])
    gain = log_odds(after) - log_odds(scores[rows])
    for at in np.flatnonzero((after >= LEAST_TURNED) & (gain > LEAST_GAIN)):
        yield finding(
            faces, int(rows[at]), TURNED, 1 - np.exp(-gain[at]),
            details=f"a face after a turn by {degrees[at]} degrees counterclockwise (score {after[at]:.2f}, "
            f"as it is {scores[rows[at]]:.2f})",
        )  # fmt: skip
