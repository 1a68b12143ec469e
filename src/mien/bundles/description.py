"""A bundle in a few words, for `mien bundle info` and for model cards."""

import onnx

from mien.bundles.metadata import BundleMetadata
from mien.bundles.reading import Bundle
from mien.config.training import TTA


def describe_input(metadata: BundleMetadata) -> str:
    """Return what the faces are that a bundle looks at."""
    gray = f"{metadata.size}x{metadata.size} pixels, gray"
    if metadata.clahe is None:
        return gray
    return f"{gray}, CLAHE of clip {metadata.clahe.clip_limit:g} in {metadata.clahe.tiles}x{metadata.clahe.tiles} tiles"


def describe_tta(tta: TTA | None) -> str:
    """Return how a bundle looks at a face."""
    softened = ", softened" if tta and tta.blur else ""
    if tta is None or count_views(tta) == 1:
        return f"looks once{softened}"
    shifts = f"shifted by {tta.shift} pixels" if tta.shift else ""
    changes = " and ".join(filter(None, (shifts, "mirrored" if tta.flip else "")))
    return f"mean of {count_views(tta)}: {changes}{softened}"


def count_views(tta: TTA | None) -> int:
    """Return how often a bundle looks at a face."""
    return 1 if tta is None else (5 if tta.shift else 1) * (2 if tta.flip else 1)


def opset_of(bundle: Bundle) -> int:
    """Return the version of ONNX's operators that a bundle is written in."""
    return int(onnx.load_model_from_string(bundle.content).opset_import[0].version)


def size_of(bundle: Bundle) -> str:
    """Return how large the file is, as in "2.6 MB"."""
    return f"{len(bundle.content) / 1e6:.1f} MB"
