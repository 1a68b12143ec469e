"""A bundle in a few words, for `mien bundle info` and for model cards."""

import onnx

from mien.bundle.card import Card
from mien.bundle.read import Bundle
from mien.config.learning import Views


def faces_of(card: Card) -> str:
    """Return what the faces are that a bundle looks at."""
    grey = f"{card.side}x{card.side} pixels, grey"
    if card.clahe is None:
        return grey
    return f"{grey}, CLAHE of clip {card.clahe.clip:g} in {card.clahe.tiles}x{card.clahe.tiles} tiles"


def views_of(views: Views | None) -> str:
    """Return how a bundle looks at a face."""
    softened = ", softened" if views and views.soften else ""
    if views is None or count_views(views) == 1:
        return f"looks once{softened}"
    shifts = f"shifted by {views.shift} pixels" if views.shift else ""
    changes = " and ".join(filter(None, (shifts, "mirrored" if views.flip else "")))
    return f"mean of {count_views(views)}: {changes}{softened}"


def count_views(views: Views | None) -> int:
    """Return how often a bundle looks at a face."""
    return 1 if views is None else (5 if views.shift else 1) * (2 if views.flip else 1)


def opset_of(bundle: Bundle) -> int:
    """Return the version of ONNX's operators that a bundle is written in."""
    return int(onnx.load_model_from_string(bundle.content).opset_import[0].version)


def size_of(bundle: Bundle) -> str:
    """Return how large the file is, as in "2.6 MB"."""
    return f"{len(bundle.content) / 1e6:.1f} MB"
