"""Figures with faces: each face with the words that belong to it."""

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.evaluation import evaluate
from mien.evaluation.galleries import examples_figure, mistakes_figure, patterns_figure


def shown(figure):
    """The faces of a figure in reading order, as arrays."""
    return [np.asarray(image.get_array()) for axes in figure.axes for image in axes.images]


def test_mistakes_are_shown_in_order_with_truth_and_answer():
    given = predictions(100)
    found = evaluate(given)
    figure = mistakes_figure(found, given)
    first = found.mistakes[0]
    np.testing.assert_array_equal(shown(figure)[0], given.faces[first.position])
    assert len(shown(figure)) == min(24, len(found.mistakes))
    assert (
        figure.axes[0].texts[0].get_text()
        == f"{first.answer} {100 * first.confidence:.0f} %\ntruth: {first.truth}"
    )


def test_patterns_are_named_with_their_share():
    given = predictions(300)
    pattern = evaluate(given).patterns[0]
    words = patterns_figure(evaluate(given), given).axes[0].texts[0].get_text()
    assert words.startswith(f"{pattern.truth} taken for {pattern.answer}\n{pattern.count} faces")


@pytest.mark.parametrize(("n", "classes"), [(1, 2), (40, 20)])
def test_few_faces_and_many_classes(n, classes):
    given = predictions(n, classes)
    figure = examples_figure(given)
    assert len(shown(figure)) == min(12, n)
    bars = figure.axes[0].patches
    assert len(bars) == 2 * classes * min(12, n)
    widths = [bar.get_width() for bar in bars[classes : 2 * classes]]
    assert np.divide(widths, bars[0].get_width()) == pytest.approx(given.probabilities[0], abs=1e-6)


def test_everything_stays_on_the_sheet():
    given = predictions(60, 9)
    found = evaluate(given)
    for figure in (mistakes_figure(found, given), patterns_figure(found, given), examples_figure(given)):
        figure.draw_without_rendering()
        sheet = figure.bbox
        for text in figure.axes[0].texts:
            box = text.get_window_extent()
            assert sheet.x0 <= box.x0 <= box.x1 <= sheet.x1
            assert sheet.y0 <= box.y0 <= box.y1 <= sheet.y1


def test_nothing_to_show_where_nothing_is_wrong():
    given = predictions(4, 2, probabilities=np.eye(2, dtype=np.float32)[np.arange(4) % 2])
    assert shown(mistakes_figure(evaluate(given), given)) == []
    assert shown(patterns_figure(evaluate(given), given)) == []


def test_predictions_without_faces_are_refused():
    given = predictions(faces=None)
    with pytest.raises(ValueError, match="no faces to show"):
        examples_figure(given)
