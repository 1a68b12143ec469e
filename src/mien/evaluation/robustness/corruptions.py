"""The corruptions of faces, each at five strengths from weak to strong.

What is random, such as noise and the direction of a shift, is drawn from a generator that is seeded by the
pixels of the face: a face gets the same corruption in every evaluation, at any position and on any machine,
and its noise of two strengths differs by a factor only. Lengths are fractions of the side of the face, so
faces of all sizes are corrupted alike; the comments give them for 48 pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import xxhash
from numpy.typing import NDArray

from mien.evaluation.robustness.occlusions import masked, with_sunglasses

Face = NDArray[np.uint8]
"""One face: gray (size, size) or RGB (size, size, 3)."""

Levels = NDArray[Any]
"""A corrupted face in levels of 0 to 255, not yet rounded and clipped."""

Generator = np.random.Generator

STRENGTHS: Final = 5
"""Number of strengths of each corruption."""


@dataclass(frozen=True)
class Corruption:
    """A kind of corruption.

    Attributes:
        name: As in results and on the command line.
        parameter: What its strengths are, with the unit.
        values: The parameter at each strength, from weak to strong.
        corrupt: Returns a corrupted face, given a face, the parameter and a generator of that face.
    """

    name: str
    parameter: str
    values: tuple[float, float, float, float, float]
    corrupt: Callable[[Face, float, Generator], Levels]

    def __call__(self, images: NDArray[np.uint8], strength: int) -> NDArray[np.uint8]:
        """Return corrupted faces.

        Args:
            images: uint8, (n, size, size) or (n, size, size, 3).
            strength: 1 to 5.
        """
        value = self.values[strength - 1]
        found = np.empty_like(images)
        for position, face in enumerate(images):
            found[position] = _rounded(self.corrupt(face, value, generator_of(face)))
        return found


def generator_of(face: Face) -> Generator:
    """Return a random generator that is seeded by the pixels of a face."""
    return np.random.default_rng(xxhash.xxh3_64_intdigest(face.tobytes()))


def _rounded(face: Levels) -> Face:
    return np.clip(np.rint(face), 0, 255).astype(np.uint8)


def _with_noise(face: Face, deviation: float, generator: Generator) -> Levels:
    return face + deviation * generator.standard_normal(face.shape)


def _blurred(face: Face, deviation: float, generator: Generator) -> Levels:  # noqa: ARG001
    return np.asarray(cv2.GaussianBlur(face, (0, 0), deviation * len(face), borderType=cv2.BORDER_REPLICATE))


def _multiplied(face: Face, factor: float, generator: Generator) -> Levels:  # noqa: ARG001
    return factor * face.astype(np.float64)


def _with_contrast(face: Face, factor: float, generator: Generator) -> Levels:  # noqa: ARG001
    mean = face.mean()
    levels: Levels = mean + factor * (face - mean)
    return levels


def _compressed(face: Face, quality: float, generator: Generator) -> Levels:  # noqa: ARG001
    is_color = face.ndim == 3
    pixels = cv2.cvtColor(face, cv2.COLOR_RGB2BGR) if is_color else face
    _, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    decoded = cv2.imdecode(content, cv2.IMREAD_COLOR_RGB if is_color else cv2.IMREAD_GRAYSCALE)
    return np.asarray(decoded, np.uint8)


def _resized(face: Face, scale: float, generator: Generator) -> Levels:  # noqa: ARG001
    """Return the face at a lower resolution, enlarged again."""
    size = len(face)
    small = max(1, round(scale * size))
    reduced = cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(reduced, (size, size), interpolation=cv2.INTER_CUBIC))


def _rotated(face: Face, degrees: float, generator: Generator) -> Levels:
    return _moved(face, rotation=degrees * generator.choice((-1, 1)))


def _shifted(face: Face, length: float, generator: Generator) -> Levels:
    """Return the face shifted by a length into a random direction."""
    angle = generator.uniform(0, 2 * np.pi)
    return _moved(face, shift=length * len(face) * np.array([np.cos(angle), np.sin(angle)]))


def _zoomed(face: Face, factor: float, generator: Generator) -> Levels:
    """Return the face framed closer or wider, at random."""
    return _moved(face, scale=factor if generator.random() < 0.5 else 1 / factor)


def _moved(
    face: Face, *, scale: float = 1, rotation: float = 0, shift: NDArray[np.float64] | float = 0
) -> Levels:
    """Return the face scaled and rotated about its center, and shifted; the border is replicated."""
    size = len(face)
    center = (size - 1) / 2
    matrix = cv2.getRotationMatrix2D((center, center), rotation, scale)
    matrix[:, 2] = matrix[:, 2] + shift
    border, flags = cv2.BORDER_REPLICATE, cv2.INTER_CUBIC
    return np.asarray(cv2.warpAffine(face, matrix, (size, size), flags=flags, borderMode=border))


CORRUPTIONS: Final = (
    Corruption("noise", "standard deviation, gray levels", (4, 8, 12, 18, 26), _with_noise),
    # 0.5 to 2.4 pixels
    Corruption(
        "blur", "standard deviation, fraction of the side", (0.0105, 0.017, 0.025, 0.035, 0.05), _blurred
    ),
    Corruption("low light", "factor of the levels", (0.7, 0.5, 0.35, 0.25, 0.15), _multiplied),
    Corruption("overexposure", "factor of the levels", (1.15, 1.35, 1.6, 1.9, 2.4), _multiplied),
    Corruption("contrast", "factor around the mean", (0.7, 0.5, 0.35, 0.25, 0.15), _with_contrast),
    Corruption("JPEG", "quality", (60, 40, 25, 15, 8), _compressed),
    # 32, 24, 18, 14 and 10 pixels
    Corruption("resize", "fraction of the resolution", (2 / 3, 0.5, 0.375, 0.29, 0.21), _resized),
    Corruption("rotation", "degrees", (6, 12, 18, 25, 35), _rotated),
    # 2 to 11 pixels
    Corruption("shift", "fraction of the side", (0.04, 0.08, 0.12, 0.17, 0.23), _shifted),
    Corruption("zoom", "factor of the size", (1.08, 1.16, 1.25, 1.35, 1.5), _zoomed),
    Corruption("mask", "covered fraction of the height", (0.12, 0.2, 0.28, 0.36, 0.44), masked),
    Corruption(
        "sunglasses", "width of a lens, fraction of the side", (0.2, 0.25, 0.3, 0.35, 0.4), with_sunglasses
    ),
)
"""All corruptions, in the order of results."""

NAMES: Final = tuple(one.name for one in CORRUPTIONS)
"""Their names."""


def describe_corruptions() -> str:
    """Return the number of corruptions and strengths in words, for model cards and the documentation."""
    return f"{len(CORRUPTIONS)} corruptions at {STRENGTHS} strengths"
