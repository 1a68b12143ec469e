"""Encoding: PNG on white, and SVG that fits any page."""

import cv2
import numpy as np
import pytest

from mien.figures.encode import inline_svg, png
from mien.figures.style import FAINT, INK, SOFT, VERMILION, new_figure


def test_png_is_on_white_and_the_same_each_time():
    figure = new_figure(2, 1)
    image = cv2.imdecode(np.frombuffer(png(figure), np.uint8), cv2.IMREAD_UNCHANGED)
    assert image.shape[:2] == (144, 288)
    assert (image == 255).all()
    assert png(figure) == png(figure)


def drawn():
    figure = new_figure(4, 2)
    ax = figure.add_subplot()
    for color in (INK, SOFT, FAINT, VERMILION):
        ax.plot([0, 1], color=color)
    ax.text(0.5, 0.5, "<b>日本", color=INK)
    return figure


def test_an_svg_has_the_size_of_the_figure_and_a_description():
    svg = inline_svg(drawn(), "some", 'a "figure"')
    assert svg.startswith('<svg viewBox="0 0 288.0 144.0" style="max-width: 384px" role="img"')
    assert 'aria-label="a &quot;figure&quot;"' in svg
    assert svg.endswith("</svg>")
    assert "metadata" not in svg
    assert "http" not in svg


def test_text_and_lines_take_their_colors_from_the_page():
    svg = inline_svg(drawn(), "some")
    for color in (INK, SOFT, FAINT, "#000000"):
        assert color not in svg
    assert "currentColor" in svg
    assert "var(--soft)" in svg
    assert f"stroke: {VERMILION}" in svg


def test_colored_text_follows_the_theme():
    figure = new_figure(4, 2)
    figure.text(0, 0, "wrong", color=VERMILION)
    assert "fill: var(--wrong)" in inline_svg(figure, "some")


def test_text_stays_text():
    assert "&lt;b&gt;日本</text>" in inline_svg(drawn(), "some")


def test_ids_depend_on_the_name_alone():
    assert inline_svg(drawn(), "one") == inline_svg(drawn(), "one")
    assert inline_svg(drawn(), "one") != inline_svg(drawn(), "two")


@pytest.mark.parametrize("shape", [(6, 6), (6, 6, 3)])
def test_images_are_embedded_with_their_own_pixels(shape):
    figure = new_figure(4, 4)
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    figure.add_subplot().imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="bicubic")
    assert len(inline_svg(figure, "some")) < 20_000
