"""Methods by name: `METHODS` has the built-in ones and those of installed packages."""

from collections.abc import Callable
from typing import Final

from mien.explanation.base import Method
from mien.registry import Registry

BLACK_BOX: Final = {
    "rise": "mien.explanation.rise:Rise",
    "occlusion": "mien.explanation.occlusion:Occlusion",
}
"""The built-in methods that need predictions only, which a server offers."""

METHODS: Final = Registry[Callable[[], Method]](
    "mien.explanations",
    {
        **BLACK_BOX,
        "gradcam": "mien.explanation.gradcam:GradCam",
        "integrated-gradients": "mien.explanation.integrated_gradients:IntegratedGradients",
    },
    noun="method",
)
"""Makers of methods by name, with their default settings."""

DEFAULT: Final = "rise"
"""On FER2013 its maps are more faithful than those of occlusion (docs/guides/explain.md)."""
