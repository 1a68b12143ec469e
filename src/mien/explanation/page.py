"""The HTML page of an explanation: one file, which needs no script and no network."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mien import __version__
from mien.explanation.colors import enlarged, overlaid
from mien.figures.inline_images import encode_webp, webp_uri
from mien.labels import colors_of
from mien.templates import template

if TYPE_CHECKING:
    from mien.explanation.explanation import Explanation

SIDE: Final = 192
"""Side of an image in pixels; a face and its map take about 15 kB."""

QUALITY: Final = 88
"""Of WebP: its errors are smaller than those of the enlargement of a face."""

MOST_BARS: Final = 8
"""Classes whose probabilities are shown, the most probable ones."""


def page_of(explanation: "Explanation") -> str:
    """Return the HTML of the page."""
    return template("mien.explanation", "page.html.j2").render(
        explanation=explanation, faces=_faces(explanation), version=__version__
    )


def cards_of(explanation: "Explanation") -> str:
    """Return the faces as HTML with its own style, without the rest of the page."""
    return template("mien.explanation", "cards.html.j2").render(faces=_faces(explanation))


def _faces(explanation: "Explanation") -> list[dict[str, Any]]:
    return [_face(explanation, number) for number in range(len(explanation))]


def _face(explanation: "Explanation", number: int) -> dict[str, Any]:
    view = explanation.views[number]
    maps = [
        {
            "name": name,
            "probability": probability,
            "image": webp_uri(encode_webp(overlaid(view, saliency, SIDE), QUALITY)),
            "words": explanation.describe(number, which),
            "strength": float(np.abs(saliency).max()),
        }
        for which, (name, probability, saliency) in enumerate(explanation.explained(number))
    ]
    return {
        "source": explanation.sources[number],
        "label": explanation.labels[number],
        "image": webp_uri(encode_webp(enlarged(view, SIDE), QUALITY)),
        "maps": maps,
        "bars": _bars(explanation, number),
    }


def _bars(explanation: "Explanation", number: int) -> list[dict[str, Any]]:
    """Return name, probability and color of the most probable classes, in the order of the classes."""
    probabilities = explanation.probabilities[number]
    colors = colors_of(explanation.classes)
    shown = np.sort(np.argsort(-probabilities, kind="stable")[:MOST_BARS])
    explained = set(explanation.targets[number].tolist())
    return [
        {
            "name": explanation.classes[at],
            "probability": float(probabilities[at]),
            "color": colors[at],
            "explained": at in explained,
        }
        for at in shown.tolist()
    ]
