"""The value: data frame, plots, and what a notebook shows."""

import sys

import pytest
from matplotlib.figure import Figure

from builders import predictions
from mien.errors import MissingExtraError
from mien.evaluation.scoring import evaluate


def test_a_data_frame_has_a_row_per_class():
    pytest.importorskip("pandas")
    found = evaluate(predictions())
    frame = found.to_frame()
    assert list(frame.index) == list(found.classes)
    assert list(frame.columns) == ["support", "predicted", "precision", "recall", "f1"]
    assert frame.loc["happy", "f1"] == found.per_class[3].f1


@pytest.mark.parametrize(
    ("method", "module", "extra"),
    [
        ("to_frame", "pandas", "frame"),
        ("plot_confusion", "matplotlib", "report"),
        ("plot_reliability", "matplotlib", "report"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(method, module, extra, monkeypatch):
    monkeypatch.delitem(sys.modules, "mien.evaluation.plots", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(module), *sys.meta_path])
    with pytest.raises(MissingExtraError, match=rf"'{module}': run pip install 'mien\[{extra}\]'"):
        getattr(evaluate(predictions()), method)()


class Missing:
    """A finder for which one package is not installed."""

    def __init__(self, package):
        self.package = package

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == self.package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize("method", ["plot_confusion", "plot_reliability"])
def test_plots_draw_into_given_axes_or_new_ones(method):
    found = evaluate(predictions())
    ax = Figure().add_subplot()
    assert getattr(found, method)(ax) is ax
    assert ax.patches
    assert getattr(found, method)().figure is not ax.figure


def test_its_repr_is_one_short_line():
    found = evaluate(predictions())
    assert repr(found) == str(found)
    assert len(repr(found)) < 160
    assert f"accuracy {found.accuracy:.4f}" in repr(found)


def test_a_notebook_shows_escaped_names():
    text = evaluate(predictions(system="<b>net"))._repr_html_()
    assert "&lt;b&gt;net on validation, 70 faces" in text
    assert "macro-F1" in text
