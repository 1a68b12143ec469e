"""An evaluation on the terminal."""

import io

import numpy as np
from rich.console import Console

from builders import predictions
from mien.cli.evaluation_table import print_evaluation
from mien.evaluation.caveats import caveats
from mien.evaluation.comparison import compare
from mien.evaluation.scoring import evaluate


def printed(found, comparison=None):
    console = Console(file=io.StringIO(), width=400)
    print_evaluation(found, console, comparison)
    return console.file.getvalue()


def test_metrics_classes_confusions_and_notes():
    found = evaluate(predictions())
    text = printed(found)
    assert f"{100 * found.accuracy:.2f} %" in text
    assert "excluding training duplicates" in text
    for row in found.per_class:
        assert f"{100 * row.f1:.1f}" in text
    confusion = found.confusions[0]
    assert f"{confusion.label} → {confusion.predicted}" in text
    for caveat in caveats(found):
        assert caveat in text


def test_confusions_of_one_face_are_singular():
    found = evaluate(predictions(12))
    assert {one.count for one in found.confusions[:3]} == {1}
    assert "(1 face)" in printed(found)


def test_names_are_no_markup():
    text = printed(evaluate(predictions(classes=("[red]a", "[/]", "c"), system="[bold]net")))
    assert "[bold]net" in text
    assert "[red]a" in text


def test_unknown_duplicates_have_no_row():
    assert "excluding training duplicates" not in printed(evaluate(predictions(in_training=None)))
    assert "excluding training duplicates" not in printed(
        evaluate(predictions(in_training=np.zeros(70, np.bool_)))
    )


def test_a_comparison_is_printed():
    given, rival = predictions(), predictions(seed=9, system="rival")
    assert compare(given, rival).verdict in printed(evaluate(given), compare(given, rival))


def test_an_unfinished_training_is_noted_once_for_each_system():
    given, rival = (predictions(seed=seed, unfinished=f"{seed} is not finished.") for seed in (1, 9))
    text = printed(evaluate(given), compare(given, rival))
    assert [text.count(one.unfinished) for one in (given, rival)] == [1, 1]


def test_many_classes_are_cut():
    text = printed(evaluate(predictions(200, 40)))
    assert "the 30 classes of lowest F1 of 40; class_metrics.csv lists all" in text
    assert "class39 " not in text.split("most frequent confusions")[0]
