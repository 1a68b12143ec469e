"""Encoding of figures: PNG for files, inline SVG for HTML pages.

An inline SVG takes its text and line colors from the page, so that one drawing fits a light and a dark
theme. Its text stays text, which can be searched and copied.
"""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Final

from matplotlib import rc_context
from matplotlib.figure import Figure

from mien.figures.style import BLUE, FAINT, INK, SOFT, VERMILION

DOTS_PER_INCH: Final = 144
POINTS, PIXELS = 72, 96
"""Units per inch: of SVG coordinates, and of CSS."""

THEMED: Final = {
    INK: "currentColor", "#000000": "currentColor", SOFT: "var(--soft)", FAINT: "var(--line)",
}  # fmt: skip
"""Colors that an inline SVG takes from the page."""

THEMED_TEXT: Final = {BLUE: "var(--right)", VERMILION: "var(--wrong)"}
"""Colors of text that it takes from the page; areas of these colors fit both themes."""


def png(figure: Figure, *, software: str | None = None) -> bytes:
    """Return `figure` as a PNG file on a white background. Its layout is fixed from then on.

    Args:
        figure: The figure.
        software: Text in its header, by which mien recognizes the file later.
    """
    stream = io.BytesIO()
    with _quiet_about_glyphs():
        figure.savefig(
            stream, format="png", dpi=DOTS_PER_INCH, facecolor="white", metadata={"Software": software},
            pil_kwargs={"compress_level": 3},
        )  # fmt: skip
    figure.set_layout_engine("none")  # the layout is computed; another encoding need not repeat that
    return stream.getvalue()


def inline_svg(figure: Figure, name: str, description: str = "") -> str:
    """Return `figure` as an SVG element for an HTML page.

    Images are embedded with their own pixels, and the browser scales them. The interpolation of the images
    of `figure` is changed for that, so encode a PNG first.

    Args:
        figure: The figure.
        name: Unique in the page; ids in the element are derived from it.
        description: For screen readers.
    """
    for ax in figure.axes:
        for image in ax.images:
            image.set_interpolation("none")
    stream = io.StringIO()
    settings = {"svg.fonttype": "none", "svg.hashsalt": name, "image.composite_image": False}
    with _quiet_about_glyphs(), rc_context(settings):  # type: ignore[arg-type]
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    width, height = (side * POINTS for side in figure.get_size_inches())
    head = (
        f'<svg viewBox="0 0 {width:.1f} {height:.1f}" style="max-width: {width * PIXELS / POINTS:.0f}px" '
        f'role="img" aria-label="{escape(description or name)}">'
    )
    return head + _themed(_content(stream.getvalue())) + "</svg>"


def _content(svg: str) -> str:
    """What is inside the root element, without metadata and without ids that nothing refers to."""
    inside = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    inside = re.sub(r"<metadata>.*?</metadata>", "", inside, flags=re.DOTALL)
    return re.sub(r'<g id="[^"]*"', "<g", inside).strip()


def _themed(svg: str) -> str:
    svg = re.sub(
        r"(fill|stroke): (#\w{6})", lambda found: f"{found[1]}: {THEMED.get(found[2], found[2])}", svg
    )
    return re.sub(
        r"(<text [^>]*fill: )(#\w{6})", lambda found: found[1] + THEMED_TEXT.get(found[2], found[2]), svg
    )


@contextmanager
def _quiet_about_glyphs() -> Iterator[None]:
    """Class names may use letters that the font of a PNG lacks: it shows boxes, a page shows letters."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
