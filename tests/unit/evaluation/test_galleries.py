"""Figures with faces: each face with its caption."""

import numpy as np
import pytest

from builders import predictions
from mien.errors import PredictionsError
from mien.evaluation.galleries import confident_errors, examples, frequent_confusions
from mien.evaluation.scoring import evaluate


def shown(figure):
    """The faces of a figure in reading order, as arrays."""
    return [np.asarray(image.get_array()) for axes in figure.axes for image in axes.images]


def captions(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_errors_are_shown_in_order_with_predicted_class_and_label():
    given = predictions(100)
    found = evaluate(given)
    figure = confident_errors(found, given)
    first = found.confident_errors[0]
    np.testing.assert_array_equal(shown(figure)[0], given.images[first.index])
    assert len(shown(figure)) == min(24, len(found.confident_errors))
    assert captions(figure)[:2] == [
        f"{first.predicted} {100 * first.confidence:.0f} %",
        f"label: {first.label}",
    ]


def test_confusions_are_named_with_their_share():
    given = predictions(300)
    first = evaluate(given).confusions[0]
    assert captions(frequent_confusions(evaluate(given), given))[:3] == [
        f"{first.label} →",
        first.predicted,
        f"{first.count} ({100 * first.share:.0f} % of the true class)",
    ]


@pytest.mark.parametrize(("n", "classes"), [(1, 2), (40, 8), (40, 20)])
def test_few_faces_and_many_classes(n, classes):
    given = predictions(n, classes)
    figure = examples(given)
    assert len(shown(figure)) == min(12, n)
    bars, rows = figure.axes[0].patches, min(classes, 8)
    assert len(bars) == 2 * rows * min(12, n)
    widths = np.divide([bar.get_width() for bar in bars[rows : 2 * rows]], bars[0].get_width())
    expected = given.probabilities[0] if classes <= 8 else np.sort(given.probabilities[0])[::-1][:8]
    assert widths == pytest.approx(expected, abs=1e-6)


def test_the_true_class_is_among_the_bars():
    given = predictions(1, 20, labels=np.array([3]), probabilities=np.eye(20, dtype=np.float32)[[11]])
    assert "class3" in captions(examples(given))


@pytest.mark.parametrize("classes", [9, ("a very long class name", "another very long class name")])
def test_everything_stays_on_the_sheet(classes):
    given = predictions(60, classes)
    found = evaluate(given)
    for figure in (confident_errors(found, given), frequent_confusions(found, given), examples(given)):
        figure.draw_without_rendering()
        sheet = figure.bbox
        for text in figure.axes[0].texts:
            box = text.get_window_extent()
            assert sheet.x0 <= box.x0 <= box.x1 <= sheet.x1, text
            assert sheet.y0 <= box.y0 <= box.y1 <= sheet.y1, text


def test_perfect_predictions_have_empty_galleries():
    given = predictions(4, 2, probabilities=np.eye(2, dtype=np.float32)[np.arange(4) % 2])
    assert shown(confident_errors(evaluate(given), given)) == []
    assert shown(frequent_confusions(evaluate(given), given)) == []


def test_color_images_are_shown_in_color():
    images = np.random.default_rng(0).integers(0, 256, (9, 6, 6, 3), np.uint8)
    np.testing.assert_array_equal(shown(examples(predictions(9, images=images)))[0], images[0])


def test_predictions_without_images_are_refused():
    with pytest.raises(PredictionsError, match="without images, which galleries need"):
        examples(predictions(images=None))
