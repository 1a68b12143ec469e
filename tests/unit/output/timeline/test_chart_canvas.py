import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from mien.output.timeline.chart_canvas import RasterCanvas, SvgCanvas


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg"])
def test_the_ending_selects_the_image_format(tmp_path, suffix):
    canvas = RasterCanvas(60, 40)
    canvas.polygon([(10, 10), (30, 10), (30, 30), (10, 30)], "#ff0000")
    path = tmp_path / f"a{suffix}"
    canvas.write(path)
    found = pixels(path)
    assert found.shape == (40, 60, 3)
    assert found[20, 20] == pytest.approx([255, 0, 0], abs=8)
    assert found[35, 50] == pytest.approx([255, 255, 255], abs=8)
    with Image.open(path) as image:
        assert image.format == {".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG"}[suffix]


def test_edges_are_smooth(tmp_path):
    canvas = RasterCanvas(40, 40)
    canvas.polygon([(0, 0), (40, 0), (0, 40)], "#000000")
    canvas.write(tmp_path / "a.png")
    levels = np.unique(pixels(tmp_path / "a.png"))
    assert ((levels > 20) & (levels < 235)).any()


def test_text_is_aligned_left_right_or_center(tmp_path):
    for anchor, before in (("l", 0.0), ("m", 0.5), ("r", 1.0)):
        canvas = RasterCanvas(100, 40)
        canvas.text((50, 30), "mmm", 16, "#000000", anchor)
        canvas.line((0, 35), (100, 35), "#000000")
        canvas.write(tmp_path / "a.png")
        dark = np.flatnonzero((pixels(tmp_path / "a.png")[:32] < 128).any(axis=(0, 2)))
        width = canvas.text_width("mmm", 16)
        start = 50 - before * width
        assert dark.min() == pytest.approx(start, abs=3)
        assert dark.max() == pytest.approx(start + width, abs=3)


def test_an_svg_is_valid_for_any_text(tmp_path):
    canvas = SvgCanvas(60, 40)
    canvas.polygon([(0, 0), (10, 0), (0, 10)], "#ff0000")
    canvas.line((0, 0), (10, 10), "#00ff00", 2)
    canvas.text((5, 5), "<a&b>", 12, "#000000", "r")
    canvas.write(tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    texts = [child for child in root if child.tag.endswith("text")]
    assert (root.get("width"), root.get("height")) == ("60", "40")
    assert (texts[0].text, texts[0].get("text-anchor")) == ("<a&b>", "end")
    assert 20 < canvas.text_width("hello", 12) < 60


def test_a_text_is_drawn_once_and_in_one_weight(tmp_path):
    canvas = RasterCanvas(200, 40)
    canvas.text((10, 30), "face 1", 18, "#000000")
    canvas.write(tmp_path / "a.png")
    plain = Image.new("RGB", (200, 40), "white")
    ImageDraw.Draw(plain).text((10, 30), "face 1", "#000000", ImageFont.load_default(18), "ls")
    assert Image.open(tmp_path / "a.png").tobytes() == plain.tobytes()
