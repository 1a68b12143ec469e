"""The curve of selective accuracy."""

from dataclasses import replace

from builders import predictions
from mien.evaluation.scoring import evaluate
from mien.evaluation.selective_plot import plot_selective


def test_the_threshold_is_marked_where_there_is_one():
    some = predictions(70)
    without, within, above = (
        plot_selective(evaluate(replace(some, threshold=value))) for value in (None, 0.3, 0.999)
    )
    assert [len(ax.texts) for ax in (without, within, above)] == [1, 2, 1]
    assert "threshold 0.30: " in within.texts[0].get_text() + within.texts[1].get_text()


def test_the_curve_ends_at_the_accuracy_of_all_faces():
    found = evaluate(predictions(70))
    curve = plot_selective(found).lines[0]
    assert (curve.get_xdata()[-1], curve.get_ydata()[-1]) == (100, 100 * found.accuracy)


def test_a_few_faces_have_a_curve():
    assert len(plot_selective(evaluate(predictions(7))).lines[0].get_xdata()) > 1
