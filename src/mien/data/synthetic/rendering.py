"""How a synthetic face looks: its parts as layers of polygons, from the back to the front.

Tones are multiples of the skin's wherever light falls on skin, so that any skin has the same
contrasts. `shapes.py` defines the units.
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.synthetic.shapes import (
    ALONG,
    AROUND,
    BACKDROP,
    CLOTHES,
    HAIR,
    IRIS,
    LIPS,
    NEUTRAL,
    Floats,
    Layer,
    Tints,
    Traits,
    between,
    column,
    ellipse,
    fill,
    mirrored,
    on_canvas,
    polygon,
    stroke,
    tinted,
)
from mien.data.synthetic.traits import BALD, LONG

SUPERSAMPLING: Final = 3
SOFTNESS: Final = 0.014
"""Radius of the blur over everything behind the sharp features, as a share of the side."""

ARC: Final = 1 - ALONG**2
"""A bow over the length of a curve: 0 at its ends, 1 in the middle."""


def paint(traits: Traits, size: int, tints: Tints | None = None) -> NDArray[np.uint8]:
    """Return the faces that `traits` describe, before light and grain.

    Args:
        traits: One value per face, (n,) each.
        size: Side of a face in pixels.
        tints: Colors of the materials; None paints in gray.

    Returns:
        uint8, (n, size, size), or with tints (n, size, size, 3).
    """
    resolution = size * SUPERSAMPLING
    soft = [on_canvas(layer, traits, resolution, tints) for layer in _soft_layers(traits)]
    sharp = [on_canvas(layer, traits, resolution, tints) for layer in _sharp_layers(traits)]
    blur = 2 * max(1, round(resolution * SOFTNESS)) + 1
    channels = () if tints is None else (3,)
    faces = np.empty((len(traits["skin"]), size, size, *channels), np.uint8)
    for index, backdrop in enumerate(tinted(traits["backdrop"], BACKDROP, tints)):
        canvas = np.full((resolution, resolution, *channels), backdrop, np.uint8)
        fill(canvas, soft, index)
        cv2.blur(canvas, (blur, blur), dst=canvas)
        fill(canvas, sharp, index)
        cv2.resize(canvas, (size, size), dst=faces[index], interpolation=cv2.INTER_AREA)
    return faces


def _soft_layers(t: Traits) -> Iterator[Layer]:
    yield from _body(t)
    yield from _shadows(t)
    yield from _beard(t)


def _sharp_layers(t: Traits) -> Iterator[Layer]:
    yield from _hair(t)
    yield from _lines(t)
    yield from _nose(t)
    yield from _mouth(t)
    yield from _eyes(t)
    yield from _brows(t)
    yield from _glasses(t)


def _outline(t: Traits, grow: float = 0.0, lift: float = 0.0) -> tuple[Floats, Floats]:
    """Across and down of the head's outline, (n, k) each: an egg whose jaw may be narrow or square."""
    cos, sin = np.cos(AROUND), np.sin(AROUND)
    jaw = 1 - column(t["jaw"]) * np.clip(sin, 0, 1) ** 2
    across = column(t["head_width"] + grow) * np.sign(cos) * np.abs(cos) ** 0.85 * jaw
    return across, np.broadcast_to(sin * (1 + grow) - lift, across.shape)


def _body(t: Traits) -> Iterator[Layer]:
    """Hair behind the head, shoulders, neck, ears, head."""
    skin, width = t["skin"], column(t["head_width"])
    across, down = _outline(t, 0.13, 0.07)
    yield Layer(polygon(across, np.minimum(down, 0.02)), t["hair"], t["hair_style"] != BALD, HAIR)
    tips = column(t["hair_length"]) - 0.2 * ALONG**6
    yield Layer(
        between((width + 0.13) * ALONG, np.array([[-0.1]]), tips), t["hair"], t["hair_style"] == LONG, HAIR
    )
    yield Layer(ellipse(0, 1.8, 1.4, 0.62), t["clothes"], material=CLOTHES)
    yield Layer(between(width * 0.55 * ALONG, np.array([[0.5]]), 1.3 + 0.12 * ARC[None]), skin * 0.7)
    yield Layer(
        mirrored(ellipse(t["head_width"] * 0.99, 0.06, 0.1, 0.2)), skin * 0.86, t["hair_style"] != LONG
    )
    yield Layer(polygon(*_outline(t)), skin)


def _shadows(t: Traits) -> Iterator[Layer]:
    """Eye sockets, chin, cheeks (a squint lifts them), the ridge of the nose."""
    skin = t["skin"]
    yield Layer(mirrored(ellipse(t["eye_gap"], t["eye_y"] - 0.05, 0.24, 0.17)), skin * 0.89)
    yield Layer(ellipse(0, t["mouth_y"] + 0.22 + 0.5 * t["open"], 0.2, 0.045), skin * 0.87)
    yield Layer(mirrored(ellipse(0.45, 0.27 - 0.15 * t["squint"], 0.17, 0.12)), skin * 1.035)
    ridge = between(0.05 * ALONG[None], column(t["eye_y"]), column(t["nose_y"]))
    yield Layer(ridge + np.array([0.06, 0.0]), skin * 0.9)
    yield Layer(ridge, skin * 1.07)


def _beard(t: Traits) -> Iterator[Layer]:
    """A beard along the jaw that leaves room for the mouth, and a mustache that follows it."""
    tone, shown = 0.5 * (t["skin"] + t["brow_tone"]), t["beard"] > 0
    across, down = (part[:, np.sin(AROUND) >= 0] for part in _outline(t, -0.01))
    chin = column(t["mouth_y"] + 0.16 + 0.75 * t["open"])
    cheek = 0.1 + (chin - 0.1) * np.minimum(1.15 * down, 1.0) ** 0.8
    edge = np.hstack([across, across[:, ::-1] * 0.8]), np.hstack([down, cheek[:, ::-1]])
    yield Layer(polygon(*edge), tone, shown, HAIR)
    lip = t["mouth_y"] - 0.06 - t["snarl"]
    end = t["mouth_half"] + 0.06, lip + 0.12 - 0.6 * t["curve"]
    yield Layer(
        mirrored(stroke((-0.02, lip - 0.05), (0.2, lip - 0.04), end, thickness=0.1)), tone, shown, HAIR
    )


def _hair(t: Traits) -> Iterator[Layer]:
    """Hair from the crown down to a parted, slightly ragged line, and two strands that catch the light."""
    across, down = (part[:, np.sin(AROUND) < -0.05] for part in _outline(t, 0.08, 0.05))
    hairline, parting, shown = column(t["hairline"]), column(t["parting"]), t["hair_style"] != BALD
    reach = across / column(t["head_width"])
    line = hairline * (1 - 0.85 * np.abs(reach) ** 2.5) + parting * reach
    line = line + 0.035 * np.sin(9 * reach + 40 * parting)
    yield Layer(between(across, down, np.maximum(line, down)), t["hair"], shown, HAIR)
    crown = -1.2 * t["parting"], t["hairline"] - 0.24
    for turn in (-1, 1):
        bend = turn * t["head_width"] * 0.72, t["hairline"] - 0.18
        strand = stroke(crown, bend, (turn * t["head_width"] * 0.86, -0.42), thickness=0.035, blunt=0)
        yield Layer(strand, t["hair"] + np.where(t["hair"] < 140, 18, -22), shown, HAIR)


def _lines(t: Traits) -> Iterator[Layer]:
    """Folds of the skin: beside the nose, between the brows, on the nose, on the forehead."""
    fold, furrow, wrinkle, raised = t["fold"], t["furrow"], t["wrinkle"], t["forehead"]
    skin, eye, nose, corner = t["skin"], t["eye_y"], t["nose_y"], t["mouth_half"] + 0.09
    end = corner, t["mouth_y"] - 0.03 - 0.5 * t["curve"]
    folds = stroke((0.15, nose - 0.06), (corner * 0.95, nose + 0.02), end, thickness=0.045 * fold)
    yield Layer(mirrored(folds), skin * (1 - 0.3 * fold), fold > 0.15)
    frown = stroke((0.05, eye - 0.32), (0.07, eye - 0.22), (0.055, eye - 0.12), thickness=0.05 * furrow)
    yield Layer(mirrored(frown), skin * (1 - 0.4 * furrow), furrow > 0.15)
    for y in (eye - 0.08, eye, eye + 0.08):
        crease = stroke((-0.11, y + 0.05), (0, y - 0.02), (0.11, y + 0.05), thickness=0.05 * wrinkle)
        yield Layer(crease, skin * (1 - 0.45 * wrinkle), wrinkle > 0.15)
    for y in (eye - 0.47, eye - 0.56):
        crease = stroke((-0.3, y), (0, y - 0.06), (0.3, y), thickness=0.03 * raised)
        yield Layer(crease, skin * (1 - 0.22 * raised), raised > 0.2)


def _nose(t: Traits) -> Iterator[Layer]:
    """The lower edge of the nose and the nostrils, which a wrinkled nose lifts and widens."""
    flare, tip = 0.12 + 0.035 * t["wrinkle"], t["nose_y"] - 0.05 * t["wrinkle"]
    edge = stroke((-flare, tip - 0.04), (0, tip + 0.1), (flare, tip - 0.04), thickness=0.045)
    yield Layer(edge, t["skin"] * 0.68)
    yield Layer(mirrored(ellipse(flare * 0.5, tip + 0.005, 0.032, 0.02)), t["skin"] * 0.4)


def _mouth(t: Traits) -> Iterator[Layer]:
    """Lips, a dark opening between two curves, and teeth in it."""
    skin, x = t["skin"], column(t["mouth_half"]) * ALONG
    bulge = ARC ** (1 - 0.65 * column(t["box"]))
    middle = column(t["mouth_y"]) + column(t["curve"]) * (0.4 - ALONG**2) + column(t["skew"]) * ALONG
    upper = middle - column(0.25 * t["open"] + t["snarl"]) * bulge
    lower = middle + column(0.75 * t["open"]) * bulge
    lip = column(t["lip"] * (1 - 0.35 * t["press"]))
    bow = ARC**0.6 * (1 - 0.25 * np.exp(-((ALONG / 0.15) ** 2)))
    lips = between(x * 1.04, upper - lip * bow - 0.006, lower + 1.4 * lip * ARC**0.7 + 0.006)
    yield Layer(lips, skin * t["lip_tone"], material=LIPS)
    gap = 0.014 * (1 - 0.6 * ALONG**2)
    yield Layer(between(x, upper - gap, lower + gap), skin * 0.12 + 14, material=LIPS)
    yield from _teeth(t, x, upper, lower, bulge)


def _teeth(t: Traits, x: Floats, upper: Floats, lower: Floats, bulge: Floats) -> Iterator[Layer]:
    """The upper row; where teeth are bared from lip to lip, the line between both rows too."""
    shown = (t["teeth"] > 0.03) & (t["open"] + t["snarl"] > 0.07)
    row = np.clip(lower - upper - 0.02, 0, column(t["teeth"]).clip(0) * bulge)
    yield Layer(between(x * 0.94, upper + 0.006, upper + row), 0.2 * t["skin"] + 185, shown, NEUTRAL)
    bite = (upper + lower) / 2
    yield Layer(
        between(x * 0.9, bite - 0.01, bite + 0.01),
        0.2 * t["skin"] + 60,
        shown & (t["teeth"] > t["open"]),
        NEUTRAL,
    )


def _eyes(t: Traits) -> Iterator[Layer]:
    """Whites between two lids, an iris and a pupil that the lids cut off, lashes."""
    skin, half = t["skin"], column(t["eye_half"])
    x, lens, slope = half * ALONG, ARC**0.75, column(t["lid_slope"]) * half * ALONG
    top = slope - lens * np.maximum(0.52 * half * (1 + column(t["lid"])), 0.012)
    bottom = slope + lens * 0.52 * half * (0.75 - 1.3 * column(t["squint"]))
    bottom = np.maximum(bottom, top + 0.02)
    center = np.stack([t["eye_gap"], t["eye_y"]], axis=-1)[:, None, None]
    yield Layer(mirrored(between(x, top, bottom) + center), 0.3 * skin + 170, material=NEUTRAL)
    look = np.stack([t["gaze"], np.zeros_like(t["gaze"])], axis=-1)[:, None, None]
    for share, tone, material in ((0.53, t["iris"], IRIS), (0.26, np.full_like(skin, 12), NEUTRAL)):
        disc_x, disc_y = share * half * np.cos(AROUND), share * half * np.sin(AROUND) - 0.05 * half
        disc = polygon(disc_x, _within(disc_y, disc_x, x, top, bottom))
        yield Layer(mirrored(disc + center) + look, tone, material=material)
    glint = ellipse(0, -0.22 * t["eye_half"], 0.018, 0.018)
    yield Layer(
        mirrored(glint + center) + look + np.array([0.015, 0]),
        np.full_like(skin, 245),
        t["lid"] > -0.3,
        NEUTRAL,
    )
    yield Layer(
        mirrored(between(x * 1.06, top - 0.012 - 0.023 * lens, top + 0.008) + center), skin * 0.1 + 18
    )
    yield Layer(mirrored(between(x, bottom - 0.006, bottom + 0.016) + center), skin * 0.55)


def _within(y: Floats, x: Floats, lid_x: Floats, top: Floats, bottom: Floats) -> Floats:
    """`y` at `x`, moved between the lids where it is outside; these are sampled at `lid_x`."""
    at = np.clip((x / lid_x[:, -1:] + 1) * (len(ALONG) - 1) / 2, 0, len(ALONG) - 1.001)
    left, rows = at.astype(np.int64), np.arange(len(x))[:, None]
    right_share = at - left
    lids = [lid[rows, left] * (1 - right_share) + lid[rows, left + 1] * right_share for lid in (top, bottom)]
    return np.clip(y, *lids)


def _brows(t: Traits) -> Iterator[Layer]:
    y = t["eye_y"] - t["brow_y"]
    inner = 0.13 - t["pinch"], y - t["inner"]
    outer = t["eye_gap"] + 0.24, y + 0.05 - t["outer"]
    bend = t["eye_gap"] + 0.02, y - 0.07 - t["arch"] - (t["inner"] + t["outer"]) / 2
    brow = stroke(inner, bend, outer, thickness=t["brow_thickness"], blunt=0.45)
    yield Layer(mirrored(brow), t["brow_tone"], material=HAIR)


def _glasses(t: Traits) -> Iterator[Layer]:
    """Two rims and a bridge; a rim is an ellipse in an ellipse, between which OpenCV fills."""
    shown, y = t["glasses"] > 0, t["eye_y"] + 0.03
    rims = [mirrored(ellipse(t["eye_gap"], y, size, size * 0.86)) for size in (0.285, 0.25)]
    yield Layer(np.concatenate(rims, axis=1), t["rim"], shown, NEUTRAL)
    end = t["eye_gap"] - 0.26
    yield Layer(
        stroke((-end, y - 0.05), (0, y - 0.12), (end, y - 0.05), thickness=0.03, blunt=1),
        t["rim"],
        shown,
        NEUTRAL,
    )
