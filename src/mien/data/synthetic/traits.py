"""Random parameters of synthetic faces: identity, expression and imaging conditions.

The seven expressions approximate the action units of Ekman and Friesen's Facial Action Coding System:
how each emotion moves brows, lids, nose and lips.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.data.synthetic.shapes import BACKDROP, CLOTHES, HAIR, IRIS, LIPS, SKIN, Floats, Tints, Traits

MUSCLES: Final = {
    #              angry disgust  fear  happy    sad surpr. neutr.  own
    "inner":     ( -.15,  -.12,   .17,   .02,   .16,   .15,   .00,   .03),  # inner ends of the brows, up
    "outer":     (  .09,  -.07,   .00,   .05,  -.09,   .17,   .00,   .03),  # outer ends of the brows, up
    "arch":      ( -.01,   .00,  -.03,   .03,  -.03,   .09,   .00,  .015),  # middle of the brows, up
    "pinch":     (  .07,   .06,   .05,   .00,   .03,  -.02,   .00,  .015),  # brows, together
    "lid":       ( -.22,  -.52,   .42,  -.15,  -.40,   .55,   .00,   .12),  # upper lids, open
    "squint":    (  .18,   .36,  -.08,   .34,   .02,  -.12,   .00,   .08),  # lower lids and cheeks, up
    "lid_slope": ( -.40,  -.12,   .30,   .05,   .42,   .00,   .00,   .08),  # lids, falling to the outside
    "curve":     ( -.07,  -.11,  -.07,   .17,  -.17,   .00,   .00,  .023),  # corners of the mouth, up
    "open":      (  .10,   .03,   .14,   .17,   .00,   .36,   .00,   .02),  # mouth, open
    "width":     (  .02,   .00,   .07,   .12,  -.03,  -.13,   .00,   .02),  # mouth, wide
    "box":       (  .95,   .30,   .75,   .10,   .00,   .70,   .00,   .10),  # mouth, square, not pointed
    "teeth":     (  .20,   .10,   .05,   .11,   .00,   .05,   .00,   .02),  # upper teeth, bared
    "snarl":     (  .01,   .12,   .00,   .00,   .00,   .00,   .00,  .008),  # upper lip, lifted
    "press":     (  .60,   .30,   .30,   .20,   .00,   .20,   .00,   .15),  # lips, thin
    "furrow":    ( 1.00,   .30,   .20,   .00,   .20,   .00,   .00,   .12),  # lines between the brows
    "wrinkle":   (  .10,  1.00,   .00,   .00,   .00,   .00,   .00,   .06),  # lines on the nose
    "forehead":  (  .00,   .00,   .90,   .00,   .20,   .70,   .00,   .12),  # lines on the forehead
    "fold":      (  .35,  1.00,   .10,   .80,   .30,   .00,   .00,   .15),  # lines from nose to mouth
}  # fmt: skip
"""How far each emotion moves the parts of a face, columns as in `mien.labels.EMOTIONS`,
and the standard deviation between people with a neutral expression.

Lengths are in half heights of the head, the others are shares (or a slope)."""

TRAITS: Final = {
    # the person
    "skin": (105, 212), "iris": (28, 95), "hair": (18, 100), "hairline": (-0.78, -0.58),
    "parting": (-0.25, 0.25), "hair_length": (0.2, 1.4), "head_width": (0.70, 0.86), "jaw": (0.12, 0.42),
    "eye_gap": (0.31, 0.37), "eye_y": (-0.11, -0.03), "eye_half": (0.15, 0.19), "brow_y": (0.24, 0.30),
    "brow_thickness": (0.06, 0.12), "nose_y": (0.24, 0.33), "mouth_y": (0.54, 0.61), "rest": (0.26, 0.33),
    "lip": (0.03, 0.065), "lip_tone": (0.62, 0.84), "clothes": (30, 210), "rim": (15, 90),
    "age": (0.4, 1.1),
    # the moment
    "strength": (0.55, 1.15), "gaze": (-0.03, 0.03), "skew": (-0.02, 0.02), "tilt": (-0.24, 0.24),
    "scale": (0.88, 1.12), "shift_x": (-0.05, 0.05), "shift_y": (-0.05, 0.05),
    # the image
    "backdrop": (25, 235), "light_angle": (0, 2 * np.pi), "light": (0.0, 0.38), "exposure": (0.82, 1.12),
    "grain": (2.0, 9.0),
}  # fmt: skip
"""Uniform ranges of the parameters that don't depend on the emotion: tones 0..255, lengths in half heights of
the head, angles in radians, shifts in sides of the image."""

HUES: Final = {
    SKIN: ((1.16, 0.94, 0.72), (1.24, 0.97, 0.80)),
    HAIR: ((1.05, 0.93, 0.62), (1.30, 0.98, 0.90)),
    LIPS: ((1.22, 0.80, 0.80), (1.38, 0.88, 0.85)),
    IRIS: ((0.75, 0.95, 0.60), (1.30, 1.00, 1.45)),
    CLOTHES: ((0.60, 0.80, 0.60), (1.35, 1.15, 1.45)),
    BACKDROP: ((0.80, 0.88, 0.80), (1.20, 1.10, 1.25)),
}
"""Ranges of the RGB factors of each material's tone in color, uniform per channel."""

BALD, SHORT, LONG = 0.0, 1.0, 2.0
"""Styles of hair."""


def draw_traits(labels: NDArray[np.int64], rng: np.random.Generator) -> dict[str, Floats]:
    """Return the parameters of one face per label, (n,) each, by name.

    Args:
        labels: Positions in `mien.labels.EMOTIONS`, (n,).
        rng: The source of randomness.
    """
    n = len(labels)
    traits = {name: rng.uniform(low, high, n) for name, (low, high) in TRAITS.items()}
    traits["hair_style"] = rng.choice(np.array([BALD, SHORT, LONG]), n, p=[0.08, 0.52, 0.40])
    traits["glasses"] = (rng.random(n) < 0.14).astype(np.float64)
    traits["beard"] = ((rng.random(n) < 0.2) & (traits["hair_style"] != LONG)).astype(np.float64)
    traits["brow_tone"] = np.minimum(traits["hair"], traits["skin"] - 60)
    fair = rng.random(n) < 0.18
    traits["hair"] = np.where(fair, rng.uniform(150, 215, n), traits["hair"])
    return traits | _expression(labels, traits, rng)


def draw_tints(count: int, rng: np.random.Generator) -> Tints:
    """Return the colors of `count` faces, RGB factors (count, 3) by material."""
    return {material: rng.uniform(low, high, (count, 3)) for material, (low, high) in HUES.items()}


def _expression(labels: NDArray[np.int64], traits: Traits, rng: np.random.Generator) -> dict[str, Floats]:
    """Displacements of all parts: those of the table with random strength and noise."""
    table = np.array(list(MUSCLES.values()))
    felt, own = table[:, labels], table[:, -1:]
    moved = felt * traits["strength"] * rng.normal(1.0, 0.2, felt.shape)
    moved += own * rng.normal(0.0, 1.0, felt.shape)
    muscles = dict(zip(MUSCLES, moved, strict=True))
    for name in ("furrow", "forehead", "fold"):
        muscles[name] *= traits["age"]
    for name in ("open", "snarl", "box", "furrow", "wrinkle", "forehead", "fold"):
        muscles[name] = np.clip(muscles[name], 0, 1)
    muscles["mouth_half"] = np.maximum(traits["rest"] + muscles["width"], 0.13)
    return muscles
