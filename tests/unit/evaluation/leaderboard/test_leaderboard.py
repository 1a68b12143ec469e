"""Leaderboards: order, tests, ranks, agreement, and what is stated about them."""

from dataclasses import replace

import numpy as np
import pytest

from builders import faces, predictions
from bundle_builders import in_memory
from mien.errors import PredictionsError
from mien.evaluation.calibration.threshold import fit_confidence_threshold
from mien.evaluation.caveats import NO_PROBABILITIES
from mien.evaluation.comparison import compare
from mien.evaluation.leaderboard.entrants import Entrant, read_entrants
from mien.evaluation.leaderboard.ranked import leaderboard
from mien.evaluation.multiple_tests import holm
from mien.evaluation.request import Request
from mien.evaluation.scoring import evaluate
from mien.labels import EMOTIONS
from mien.predictions_file import write_predictions


def system(name, errors, n=400, seed=0):
    """A system that is wrong on the given share of the faces."""
    labels = np.arange(n) % 3
    wrong = np.random.default_rng(seed).random(n) < errors
    one_hot = np.eye(3)[np.where(wrong, (labels + 1) % 3, labels)]
    return predictions(n, 3, probabilities=(0.9 * one_hot + 0.1 / 3).astype(np.float32), system=name)


def board(*systems, **options):
    return leaderboard([Entrant(one, "predictions", **options) for one in systems])


A, B, C = system("a", 0.1), system("b", 0.12, seed=1), system("c", 0.5, seed=2)


def test_the_best_is_first_and_each_row_is_its_evaluation():
    found = board(C, A, B)
    assert [one.system for one in found.systems] == ["a", "b", "c"]
    for one, given in zip(found.systems, (A, B, C), strict=True):
        expected = evaluate(given)
        assert (one.accuracy, one.log_loss, one.calibration_error, one.macro_f1) == (
            expected.accuracy, expected.log_loss, expected.calibration_error, expected.macro_f1
        )  # fmt: skip
    assert found.systems[0].class_f1 == tuple(row.f1 for row in evaluate(A).per_class)
    fit = fit_confidence_threshold(A.probabilities, A.labels)
    assert (found.systems[0].coverage, found.systems[0].threshold) == (fit.coverage, fit.value)
    assert (found.systems[2].coverage, found.systems[2].threshold) == (0, None)


def test_pairs_are_holm_corrected():
    found = board(A, B, C)
    single = [compare(*pair) for pair in ((A, B), (A, C), (B, C))]
    assert [pair.p_adjusted for pair in found.pairs] == pytest.approx(holm([one.p_mid for one in single]))
    assert [pair.significant for pair in found.pairs] == [False, True, True]
    turned = found.comparison("c", "a")
    assert (turned.difference, turned.system) == (pytest.approx(-found.pairs[1].difference), "c")
    assert turned.verdict == found.pairs[1].verdict
    assert "Holm-corrected p < 0.001" in turned.verdict


def test_agreement_oracle_and_mean():
    found = board(A, B, C)
    correct = np.array([one.correct for one in (A, B, C)])
    assert found.oracle_accuracy == correct.any(axis=0).mean()
    assert found.unanimous_accuracy == correct.all(axis=0).mean()
    assert found.agreement[0][1] == (A.predicted == B.predicted).mean()
    mean = (A.probabilities + B.probabilities + C.probabilities).argmax(axis=1)
    assert found.mean_accuracy == (mean == A.labels).mean()
    assert [one.only_correct for one in found.systems] == (correct & (correct.sum(0) == 1)).sum(1).tolist()


def test_predicted_classes_without_probabilities_have_no_log_loss(tmp_path):
    csv = tmp_path / "classes.csv"
    csv.write_text("prediction\n" + "".join(f"class{at}\n" for at in B.predicted))
    found = leaderboard(read_entrants([A, csv], Request(), speed=False))
    bare = found.systems[1]
    assert (bare.log_loss, bare.calibration_error, bare.coverage, bare.threshold) == (None,) * 4
    assert (bare.accuracy, bare.notes[0]) == (evaluate(B).accuracy, NO_PROBABILITIES)
    assert found.systems[0].log_loss == evaluate(A).log_loss
    assert found.mean_accuracy is None
    assert "<td></td><td></td><td></td></tr>" in found._repr_html_()


def test_the_verdict_names_the_systems_that_are_not_worse():
    found = board(A, B, C)
    assert [one.system for one in found.tied_with_best] == ["b"]
    assert "is not significantly better than b on these 400 faces" in found.verdict
    assert "significantly better than the other system" in board(A, C).verdict
    assert found.systems[2].rank_probabilities == (0, 0, 1)


def test_missing_faces_are_stated():
    audited = replace(A, doubtful=np.arange(400) < 5)
    found = leaderboard([Entrant(audited, "run"), Entrant(B.take(np.arange(390)), "CSV", missing=10)])
    assert (found.n, found.left_out, found.systems[1].missing) == (390, 10, 10)
    assert found.notes[0].startswith("10 of 400 faces lack a prediction of b (10).")


def test_duplicates_and_selection_are_noted():
    found = board(replace(A, in_training=None, from_training_data=False), replace(B, split="validation"))
    for one, given in zip(found.systems, (A, B), strict=True):
        assert one.without_duplicates == evaluate(given).excluding_duplicates
    assert f"{A.in_training.sum()} faces are pixel-identical" in found.notes[0]
    assert "optimistic" in found.systems[1].notes[0]
    assert found.systems[0].notes == ()


def test_an_unfinished_training_is_noted_once_with_its_own_words():
    text = "The training of a has 3 of 24 epochs."
    found = board(replace(A, unfinished=text), replace(B, unfinished=text))
    assert found.notes.count(text) == 1
    assert not any(text in one.notes for one in found.systems)


def test_a_notebook_shows_the_table():
    html = board(A, replace(B, system="<b>"))._repr_html_()
    assert html.count("<tr>") == 3
    assert "<td>&lt;b&gt;</td>" in html


def test_rows_in_a_wrong_order_are_suspected():
    moved = replace(A, probabilities=np.roll(A.probabilities, 1, axis=0), system="moved")
    notes = {one.system: " ".join(one.notes) for one in board(A, moved).systems}
    assert "check the order of its rows" in notes["moved"]
    assert f"Moved by one face, it would be {100 * A.correct.mean():.1f} %." in notes["moved"]
    assert "check the order" not in notes["a"]


def test_unknown_names_and_too_few_systems():
    found = board(A, B)
    with pytest.raises(PredictionsError, match="no system 'x'; the systems are a, b"):
        found.comparison("x", "a")
    with pytest.raises(PredictionsError, match="compared with itself"):
        found.comparison("a", "a")
    with pytest.raises(PredictionsError, match="1 system to compare, expected 2 to 100"):
        board(A)


def test_a_data_frame_has_a_row_for_each_system():
    frame = board(A, B).to_frame()
    assert frame["system"].tolist() == ["a", "b"]
    assert frame["milliseconds_per_face"].isna().all()


def test_entrants_of_every_kind(tmp_path):
    some = faces(70, size=48)
    csv = tmp_path / "theirs.csv"
    csv.write_text("\n".join([",".join(EMOTIONS), *[",".join(["1"] + ["0"] * 6)] * 7]))
    write_predictions(tmp_path / "saved.npz", predictions(7, labels=some.of_split("test").labels))
    found = read_entrants([in_memory(), csv, csv], Request("test", some), names=None, speed=False)
    assert [one.kind for one in found] == ["bundle", "CSV", "CSV"]
    assert [one.predictions.system for one in found][1:] == ["theirs", "theirs (2)"]
    assert found[0].size == len(in_memory().content)
    timed = read_entrants([in_memory(), csv], Request("test", some), names=["ours", "theirs"])
    assert [one.predictions.system for one in timed] == ["ours", "theirs"]
    assert timed[0].milliseconds > 0
    assert timed[1].milliseconds is None


def test_a_bundle_without_data_predicts_the_faces_of_another_system():
    given = predictions(images=faces(70).images)
    found = read_entrants([in_memory(), given], Request(), speed=False)
    assert [len(one.predictions) for one in found] == [70, 70]
    with pytest.raises(PredictionsError, match="no other system has images"):
        read_entrants([in_memory(), predictions(images=None)], Request(), speed=False)


def test_a_csv_without_data_is_about_the_faces_of_another_system(tmp_path):
    given = predictions(system="ours")
    rows = [
        f"{name},{','.join(map(str, row))}" for name, row in zip(given.ids, given.probabilities, strict=True)
    ]
    csv = tmp_path / "theirs.csv"
    csv.write_text("\n".join(["id," + ",".join(EMOTIONS), *rows[::-1][:60]]))
    for ours in (given, replace(given, images=None)):
        found = read_entrants([csv, ours], Request(), speed=False)
        assert (len(found[0].predictions), found[0].missing) == (60, 10)
        assert leaderboard(found).pairs[0].difference == 0
    with pytest.raises(PredictionsError, match="no column 'label'"):
        read_entrants([csv, csv], Request(), speed=False)


@pytest.mark.parametrize("names", [["a"], ["a", "a"], ["a", ""], ["a", "b", "c"]])
def test_names_are_one_for_each_system(names):
    with pytest.raises(PredictionsError, match="expected 2 different names"):
        read_entrants([A, B], Request(), names=names)
