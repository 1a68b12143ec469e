"""Builders for tests of what is done with results: faces and results with any values."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from mien.detection.box import Box
from mien.labels import EMOTIONS
from mien.recognition.face import Face, Result


def face(
    label: str = "happy",
    confidence: float = 0.8,
    box: Sequence[float] = (10, 20, 30, 40),
    *,
    classes: Sequence[str] = EMOTIONS,
    threshold: float = 0.5,
    track: int | None = None,
) -> Face:
    """Return a face; what `label` doesn't get is shared by the other classes."""
    rest = (1 - confidence) / (len(classes) - 1)
    scores = tuple(confidence if name == label else rest for name in classes)
    return Face.from_probabilities(Box(*box), 0.9375, tuple(classes), scores, threshold, track)


def result(
    source: str, *faces: Face, image: bool = False, size: tuple[int, int] = (320, 240), **more: object
) -> Result:
    """Return a result; its image, if one is asked for, is gray and of `size`, (width, height)."""
    width, height = size
    pixels = np.full((height, width, 3), 128, np.uint8) if image else None
    return Result(source, width, height, tuple(faces), image=pixels, **more)  # type: ignore[arg-type]


NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from("=+-@',\"\n\r\t\udc80\udcff"),
    min_size=1,
    max_size=12,
)
"""Names that files may have on Linux: any bytes but zero."""


@st.composite
def results(draw: st.DrawFn, classes: Sequence[str] = EMOTIONS) -> list[Result]:
    """Draw results of different pictures with 0 to 3 faces each."""
    sources = draw(st.lists(NAMES, unique=True, max_size=5))
    pixels = st.floats(-1e4, 1e4)
    shares = st.floats(0, 1)
    drawn = st.builds(
        face, st.sampled_from(classes), shares, st.tuples(*[pixels] * 4), classes=st.just(classes)
    )
    return [result(source, *draw(st.lists(drawn, max_size=3))) for source in sources]
