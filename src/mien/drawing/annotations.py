"""What is drawn for one face: its box, its label and its probability bars."""

from typing import Final

from mien.drawing.base import LabeledFace
from mien.drawing.canvas import (
    BLACK,
    WHITE,
    Canvas,
    Color,
    Rect,
    contrasting,
    draw_dashed_frame,
    draw_frame,
    draw_text,
    fill,
    line_height,
    text_width,
)
from mien.drawing.placement import BarPanel, Label, column_widths, padding, shortened
from mien.labels import colors_of
from mien.percent import percent

NOTE_SIZE: Final = 14
"""Font size of text that belongs to no face, in pixels."""

BACKGROUND: Final[Color] = (24, 24, 27)
BAR_BACKGROUND: Final[Color] = (74, 74, 80)
GRAY: Final[Color] = (200, 200, 205)


def draw_box(canvas: Canvas, face: LabeledFace, box: Rect, size: int) -> None:
    """Draw a face's box in the color of its label, with contrast lines; dashed if it is uncertain.

    Args:
        canvas: Changed in place.
        face: The face.
        box: Its box on the canvas.
        size: Font size of its label, which the width of the frame follows.
    """
    width = max(1, min(round(size / 6), round(min(box.width, box.height) / 14)))
    color = _color(face)
    outline = max(1, width // 3)
    draw_frame(canvas, box.expanded(outline), outline, BLACK, 0.55)
    draw_frame(canvas, box.expanded(-width), outline, WHITE, 0.45)
    if not face.uncertain:
        draw_frame(canvas, box, width, color)
        return
    draw_frame(canvas, box, width, BACKGROUND, 0.9)
    draw_dashed_frame(canvas, box, width, color, length=max(4, min(3 * width + 4, box.width // 5)))


def draw_label(canvas: Canvas, face: LabeledFace, label: Label) -> None:
    """Draw a face's label on a background of its color; on a dark background if it is uncertain."""
    color = _color(face)
    fill(canvas, label.rect, BACKGROUND if face.uncertain else color)
    if face.uncertain:
        draw_frame(canvas, label.rect, max(1, label.size // 12), color)
    at = (label.rect.left + padding(label.size), label.rect.top)
    draw_text(canvas, at, label.text, label.size, WHITE if face.uncertain else contrasting(color))


def draw_bars(canvas: Canvas, face: LabeledFace, panel: BarPanel) -> None:
    """Draw one bar per class, with its name and percentage."""
    fill(canvas, panel.rect, BACKGROUND, 0.8)
    top, height = panel.rect.top + padding(panel.size), line_height(panel.size)
    for row, index in enumerate(panel.indices):
        _draw_bar(canvas, face, panel, index, top + row * height)


def draw_no_face(canvas: Canvas, margin: Rect) -> None:
    """State in the margin of an enlarged image that it has no face."""
    draw_text(canvas, (margin.left + padding(NOTE_SIZE), padding(NOTE_SIZE)), "no face", NOTE_SIZE, GRAY)


def _draw_bar(canvas: Canvas, face: LabeledFace, panel: BarPanel, index: int, top: int) -> None:
    size, rect, pad = panel.size, panel.rect, padding(panel.size)
    names, numbers = column_widths(face, panel.indices, size)
    name, probability = face.classes[index], face.probabilities[index]
    ink = WHITE if name == face.label else GRAY
    number = percent(probability)
    draw_text(canvas, (rect.left + pad, top), shortened(name), size, ink)
    draw_text(canvas, (rect.right - pad - text_width(number, size), top), number, size, ink)
    height, thickness = line_height(size), max(3, round(0.55 * size))
    bar = Rect(
        rect.left + names + 2 * pad, top + (height - thickness + 1) // 2,
        rect.right - numbers - 2 * pad, top + (height + thickness + 1) // 2,
    )  # fmt: skip
    fill(canvas, bar, BAR_BACKGROUND)
    filled = bar._replace(right=bar.left + round(bar.width * probability))
    fill(canvas, filled, _rgb(colors_of(face.classes)[index]))


def _color(face: LabeledFace) -> Color:
    return _rgb(colors_of(face.classes)[face.classes.index(face.label)])


def _rgb(color: str) -> Color:
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue
