"""Maps as images: the color of each sign, transparency, and the scale."""

import numpy as np

from mien.explanation.colors import AGAINST, FOR, gray, overlaid, rgba, strength


def halves() -> np.ndarray:
    saliency = np.zeros((48, 48), np.float32)
    saliency[:, :16], saliency[:, 32:] = 2, -2
    return saliency


def test_supporting_pixels_are_orange_opposing_ones_blue_and_the_others_transparent():
    image = rgba(halves(), 96)
    assert image.shape == (96, 96, 4)
    assert tuple(image[50, 4, :3]) == FOR
    assert tuple(image[50, 92, :3]) == AGAINST
    assert image[50, 4, 3] == image[50, 92, 3] == 191
    assert image[50, 48, 3] == 0


def test_the_scale_decides_the_opacity():
    assert rgba(halves(), 48, scale=4)[24, 2, 3] == 96
    assert not rgba(np.zeros((48, 48)), 48)[..., 3].any()
    assert strength(np.zeros((0, 48, 48))) == 0
    assert abs(strength(halves()[None]) - 2) < 1e-3


def test_a_face_in_color_lies_in_gray_under_its_map():
    face = np.zeros((20, 20, 3), np.uint8)
    face[..., 1] = 255
    image = overlaid(face, np.zeros((48, 48)), 40)
    assert image.shape == (40, 40, 3)
    assert (image == gray(face, 40)[..., None]).all()
