"""What the terminal shows."""

import io

import numpy as np
from rich.console import Console

from builders import predictions
from mien.evaluation.caveats import caveats
from mien.evaluation.comparison import compare
from mien.evaluation.evaluation import evaluate
from mien.evaluation.terminal import print_evaluation


def printed(found, comparison=None):
    console = Console(file=io.StringIO(), width=400)
    print_evaluation(found, console, comparison)
    return console.file.getvalue()


def test_figures_classes_mistakes_and_caveats():
    found = evaluate(predictions())
    text = printed(found)
    assert f"{100 * found.accuracy:.2f} %" in text
    assert "not seen in training" in text
    for row in found.per_class:
        assert f"{100 * row.f1:.1f}" in text
    pattern = found.patterns[0]
    assert f"{pattern.truth} taken for {pattern.answer}" in text
    for caveat in caveats(found):
        assert caveat in text


def test_names_are_no_markup():
    text = printed(evaluate(predictions(classes=("[red]a", "[/]", "c"), system="[bold]net")))
    assert "[bold]net" in text
    assert "[red]a" in text


def test_unknown_duplicates_have_no_row():
    assert "not seen in training" not in printed(evaluate(predictions(seen=None)))
    assert "not seen in training" not in printed(evaluate(predictions(seen=np.zeros(70, np.bool_))))


def test_a_comparison_is_told():
    given, rival = predictions(), predictions(seed=9, system="rival")
    assert compare(given, rival).verdict in printed(evaluate(given), compare(given, rival))
