"""A bundle in a few words, for `mien bundle info`, for model cards and for the page."""

from typing import Any

import onnx

from mien.bundles.calibration import Calibration
from mien.bundles.metadata import BundleMetadata
from mien.bundles.reading import Bundle
from mien.config.training import TTA
from mien.labels import colors_of
from mien.text import counted


def describe_input(metadata: BundleMetadata) -> str:
    """Return the size, color and preprocessing of a bundle's faces."""
    color = "gray" if metadata.channels == 1 else "RGB"
    faces = f"{metadata.size}x{metadata.size} pixels, {color}"
    if (clahe := metadata.clahe) is None:
        return faces
    return f"{faces}, CLAHE (clip limit {clahe.clip_limit:g}, {clahe.tiles}x{clahe.tiles} tiles)"


def describe_tta(tta: TTA | None) -> str:
    """Return a bundle's test-time augmentation, as in "2 views (horizontal flip), blur"."""
    if tta is None:
        return "none"
    changes = (f"shifts by {counted(tta.shift, 'pixel')}" * (tta.shift > 0), "horizontal flip" * tta.flip)
    named = ", ".join(filter(None, changes))
    views = f"{counted(count_views(tta), 'view')} ({named})" if named else ""
    return ", ".join(filter(None, (views, "blur" * tta.blur))) or "none"


def describe_calibration(calibration: Calibration) -> str:
    """Return a calibration in a few words, such as "temperature scaling (temperature 0.950)"."""
    if (temperature := calibration.temperature) is not None:
        return f"temperature scaling (temperature {temperature:.3f})"
    isotonic = "isotonic calibration of the confidence"
    if calibration.logit_adjustment:
        return f"{calibration.method} scaling and logit adjustment {calibration.logit_adjustment:g}"
    if not calibration.bias and len(calibration.scale) == 1:
        return f"temperature scaling (temperature {1 / calibration.scale[0]:.3f}) and {isotonic}"
    return f"vector scaling{f' and {isotonic}' if calibration.knots else ''}"


def count_views(tta: TTA | None) -> int:
    """Return how many views of a face each network of a bundle computes."""
    return 1 if tta is None else (5 if tta.shift else 1) * (2 if tta.flip else 1)


def opset_of(bundle: Bundle) -> int:
    """Return the version of the ONNX operator set."""
    return int(onnx.load_model_from_string(bundle.content).opset_import[0].version)


def size_of(bundle: Bundle) -> str:
    """Return the size of the file, as in "2.6 MB"."""
    return f"{len(bundle.content) / 1e6:.1f} MB"


def listing(name: str, metadata: BundleMetadata, *, is_default: bool) -> dict[str, Any]:
    """Return a bundle as `GET /v1/bundles` and the manifest of a site list it.

    Args:
        name: By which it is chosen.
        metadata: Of the bundle.
        is_default: Whether it is used where none is chosen.
    """
    threshold = metadata.confidence_threshold
    return {
        "name": name,
        "default": is_default,
        "classes": list(metadata.classes),
        "colors": list(colors_of(metadata.classes)),
        "threshold": threshold.value if threshold else None,
        "metadata": metadata.model_dump(mode="json"),
    }
