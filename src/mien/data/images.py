"""What is noticed about the images of a source: whole scenes, images without a face or with several."""

from dataclasses import dataclass, field
from typing import Final

from mien.text import counted, listed

LARGE: Final = 480
"""Shorter side in pixels from which an image is taken for a scene. Cropped faces are published with 48
(FER2013), 100 (RAF-DB), 178x218 (CelebA) or 224 pixels (AffectNet); photographs have 480 or more."""

FRAME: Final = 240
"""Shorter side in pixels from which an image with the proportions of a frame is taken for one."""

FRAME_ASPECT: Final = 1.3
"""Ratio of the sides of a frame: 4:3 and wider."""

MAX_ASPECT: Final = 1.5
"""Ratio of the sides beyond which an image of any size is no cropped face. With context to this ratio, the
square of the area costs 2.5 to 4 points of accuracy (`small` on FER2013)."""

MIN_FRACTION: Final = 0.1
"""Fraction of scenes among the images from which on the user is informed."""

SHOWN: Final = 3


def is_scene(width: int, height: int) -> bool:
    """Return whether an image of this size is rather a photograph or a frame than a cropped face.

    Examples:
        >>> is_scene(4000, 4000), is_scene(640, 480), is_scene(1400, 700)
        (True, True, True)
        >>> is_scene(48, 48), is_scene(178, 218), is_scene(224, 224)
        (False, False, False)
    """
    short, long = sorted((width, height))
    is_frame = short >= FRAME and long >= FRAME_ASPECT * short
    return short >= LARGE or is_frame or long > MAX_ASPECT * short


@dataclass
class Images:
    """The images of a source that have no box of their own.

    Attributes:
        count: Number of images that were decoded.
        scenes: Number of those that look like scenes.
        scene: An example of a scene, with its size.
        detector: Name of the detector; empty if none was run.
        without_face: Images in which no face was detected; they are left out.
        several_faces: Images in which several faces were detected; the largest is used.
    """

    count: int = 0
    scenes: int = 0
    scene: str = ""
    detector: str = ""
    without_face: list[str] = field(default_factory=list)
    several_faces: list[str] = field(default_factory=list)

    def add(self, name: str, width: int, height: int, detected: int | None) -> None:
        """Record an image.

        Args:
            name: Its path in the source.
            width: In pixels.
            height: In pixels.
            detected: Number of faces; None if no detector was run.
        """
        self.count += 1
        if is_scene(width, height):
            self.scene = self.scene or f"{name} with {width}x{height} pixels"
            self.scenes += 1
        if detected == 0:
            self.without_face.append(name)
        elif detected is not None and detected > 1:
            self.several_faces.append(name)

    def notes(self, source: str) -> list[str]:
        """Return what a user should know of the images of `source`, one line each."""
        if self.detector:
            return [self._detected(source)] if self.count else []
        if not self.scenes or self.scenes < MIN_FRACTION * self.count:
            return []
        what = f"{self.scenes:,} of {self.count:,} images look like whole scenes, not like cropped faces"
        advice = "each was read as one face: pass faces=detect to detect and crop faces"
        return [f"{source}: {what} ({self.scene}); {advice}"]

    def _detected(self, source: str) -> str:
        found = self.count - len(self.without_face)
        text = (
            f"{source}: {counted(found, 'face')} detected by {self.detector} in "
            f"{counted(self.count, 'image')}"
        )
        if none := self.without_face:
            text += f"; {len(none):,} without a face left out ({listed(none, SHOWN)})"
        if several := self.several_faces:
            text += f"; the largest face used in {len(several):,} with several ({listed(several, SHOWN)})"
        return text
