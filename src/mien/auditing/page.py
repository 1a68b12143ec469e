"""The page of an audit: what was found, with faces, as one HTML file that needs no other file."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien import __version__
from mien.auditing.agreement import CLEAR, FEW
from mien.auditing.audit import Audit
from mien.auditing.finding import (
    ACROSS,
    CONFLICT,
    DUPLICATE,
    LABEL_ERROR,
    NEAR_DUPLICATE,
    NOT_A_FACE,
    TURNED,
    Finding,
)
from mien.auditing.labels import DOUBTFUL
from mien.auditing.quality import BLANK, BLURRED, BRIGHT, DARK, LOW_RESOLUTION, PARTLY_BLANK
from mien.data.corrections import KEEP, NO_CLASS
from mien.figures.inline_images import encode_webp, thumbnail, webp_uri
from mien.templates import template

SHOWN: Final = 48
"""Faces of a section."""

LARGEST_SIDE: Final = 64
"""Larger faces are scaled down."""

QUALITY: Final = 80
"""Of WebP."""

MEANINGS: Final = {
    LABEL_ERROR: "The predictions give the label a very low probability.",
    CONFLICT: "Copies of one image with different labels. A majority of labels is suggested; without one, "
    "none of the copies is trained on.",
    NOT_A_FACE: "A face detector finds no face. With lower scores, these may be faces that are covered, "
    "in profile, or cut off.",
    TURNED: "A face is recognized with much more certainty after a turn by 90, 180 or 270 degrees.",
    DUPLICATE
    + ACROSS: "Equal images in several splits: a network is trained on what it is evaluated on. The "
    "training copies are excluded.",
    DUPLICATE: "Equal images within a split. One copy is kept.",
    NEAR_DUPLICATE
    + ACROSS: "Shifted, mirrored, recompressed, brightened, scaled or rotated copies in several splits.",
    NEAR_DUPLICATE: "Shifted, mirrored, recompressed, brightened, scaled or rotated copies within a split. "
    "One copy is kept.",
    BLANK: "Images of nearly one gray level.",
    PARTLY_BLANK: "Images of which a third or more has nothing on it.",
    DARK: "Images with almost no light.",
    BRIGHT: "Images that are almost white.",
    BLURRED: "Images without any fine detail.",
    LOW_RESOLUTION: "Images that were enlarged from a few pixels.",
}
"""What each reason means, in the order of the page."""


def audit_page(audit: Audit) -> str:
    """Return the HTML page of an audit."""
    places = {name: at for at, name in enumerate(audit.faces.ids.tolist())}
    return template("mien.auditing", "page.html.j2").render(
        audit=audit,
        counts=audit.counts,
        sections=[_section(audit, reason, places) for reason in MEANINGS if reason in audit.counts],
        doubtful=len(audit.doubtful),
        relabeled=len({one.row for one in audit.findings if one.suggestion not in NO_CLASS}),
        limits={"few": FEW, "agreed": CLEAR, "doubtful": DOUBTFUL},
        version=__version__,
    )


def _section(audit: Audit, reason: str, places: dict[str, int]) -> dict[str, Any]:
    own = [one for one in audit.findings if one.reason == reason]
    first = [one for one in own if one.suggestion != KEEP] or own
    ranked = sorted(first, key=lambda one: -one.score) if reason != LABEL_ERROR else first
    return {
        "reason": reason,
        "name": reason.replace(" ", "-"),
        "meaning": MEANINGS[reason],
        "count": len(own),
        "cards": [_card(audit, one, places) for one in _spread(ranked)],
        "shown": min(SHOWN, len(ranked)),
    }


def _spread(ranked: list[Finding]) -> list[Finding]:
    """Return up to `SHOWN` findings: the first half of them, and the others at even distances."""
    if len(ranked) <= SHOWN:
        return ranked
    half = SHOWN // 2
    rest = np.linspace(half, len(ranked) - 1, SHOWN - half).round().astype(int)
    return ranked[:half] + [ranked[int(at)] for at in rest]


def _card(audit: Audit, one: Finding, places: dict[str, int]) -> dict[str, Any]:
    match = places.get(one.match)
    return {
        "finding": one,
        "face": _data_uri(audit.faces.images[one.position]),
        "match": None if match is None else _data_uri(audit.faces.images[match]),
        "changes": one.suggestion not in NO_CLASS,
    }


def _data_uri(image: NDArray[np.uint8]) -> str:
    return webp_uri(encode_webp(thumbnail(image, LARGEST_SIDE), QUALITY))
