"""Metrics per group, with fairlearn as the oracle, and the gaps between groups."""

from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.groups import permutation
from mien.evaluation.groups.measure import SMALL, evaluate_groups
from mien.evaluation.groups.reading import GroupLabels
from mien.evaluation.groups.result import GroupEvaluation, describe_gap
from mien.predictions import Predictions

# What fairlearn 0.15 returns for `oracle_case`, with accuracy_score, balanced_accuracy_score and recall_score
# of scikit-learn: MetricFrame(metrics=..., y_true=labels, y_pred=predicted, sensitive_features=group), its
# by_group and its difference().
FAIRLEARN = {
    "accuracy": {"a": 0.7795698924731183, "b": 0.6417910447761194, "c": 0.8375},
    "mean recall": {"a": 0.7802384912149701, "b": 0.6305942773294204, "c": 0.8373476702508961},
    "recall of 1": {"a": 0.7857142857142857, "b": 0.7021276595744681, "c": 0.84},
}
DIFFERENCES = {
    "accuracy": 0.19570895522388065, "mean recall": 0.20675339292147565, "recall of 1": 0.13787234042553187,
}  # fmt: skip


def oracle_case():
    rng, n = np.random.default_rng(0), 400
    labels = rng.integers(0, 3, n)
    group = np.array(["a", "b", "c"])[rng.choice(3, n, p=[0.5, 0.3, 0.2])]
    right = rng.random(n) < np.where(group == "b", 0.6, 0.8)
    return labels, np.where(right, labels, (labels + 1) % 3), group


def of(labels, predicted, classes=3):
    """Predictions with a confidence of 0.7."""
    probabilities = np.full((len(labels), classes), 0.3 / (classes - 1), np.float32)
    probabilities[np.arange(len(labels)), predicted] = 0.7
    ids = np.arange(len(labels)).astype(str)
    return Predictions(probabilities, labels, ids, tuple(map(str, range(classes))), "test")


def found_by(labels, answers, group, **options):
    return evaluate_groups(of(labels, answers), [GroupLabels("light", group)], **options)


def test_metrics_and_differences_are_those_of_fairlearn():
    (attribute,) = found_by(*oracle_case()).attributes
    for row in attribute.groups:
        assert row.accuracy == pytest.approx(FAIRLEARN["accuracy"][row.name])
        assert row.mean_recall == pytest.approx(FAIRLEARN["mean recall"][row.name])
        assert row.recalls["1"] == pytest.approx(FAIRLEARN["recall of 1"][row.name])
    gaps = {gap.metric: gap for gap in attribute.gaps}
    for metric, difference in DIFFERENCES.items():
        assert gaps[metric].difference == pytest.approx(difference)
        assert (gaps[metric].highest, gaps[metric].lowest) == ("c", "b")


def test_confidences_of_predicted_classes_are_not_compared():
    labels, answers, group = oracle_case()
    given = replace(of(labels, answers), only_classes=True)
    found = evaluate_groups(given, [GroupLabels("light", group)])
    (attribute,) = found.attributes
    assert {(row.log_loss, row.calibration_error, row.mean_confidence) for row in attribute.groups} == {
        (None, None, None)
    }
    assert "overconfidence" not in [gap.metric for gap in attribute.gaps]
    assert GroupEvaluation.model_validate_json(found.model_dump_json()) == found


def simulated(seed, gap=0.0, n=600):
    rng = np.random.default_rng(seed)
    group = np.where(rng.random(n) < 0.3, "dark", "bright")
    labels = rng.integers(0, 3, n)
    right = rng.random(n) < np.where(group == "dark", 0.7 - gap, 0.7)
    return found_by(labels, np.where(right, labels, (labels + 1) % 3), group)


def test_a_planted_gap_is_found():
    gap = simulated(0, gap=0.2).attributes[0].gaps[0]
    assert (gap.metric, gap.highest, gap.lowest, gap.is_significant) == ("accuracy", "bright", "dark", True)
    low, high = gap.interval
    assert low < 0.2 < high
    assert gap.p_holm >= gap.p
    assert describe_gap(gap).endswith("p < 0.001")


def test_half_of_the_level_is_for_accuracy():
    (attribute,) = simulated(3, gap=0.08).attributes
    accuracy = attribute.gaps[0]
    assert accuracy.p < 0.025 < 0.05 < accuracy.p * len(attribute.gaps)
    assert accuracy.p_holm == pytest.approx(2 * accuracy.p)


@pytest.mark.parametrize("seed", range(3))
def test_without_a_gap_there_is_none(seed):
    assert simulated(seed).significant_gaps == ()


def test_other_proportions_of_classes_make_a_gap_in_accuracy_only():
    rng, n = np.random.default_rng(0), 3000
    group = np.where(rng.random(n) < 0.5, "dark", "bright")
    labels = np.where(rng.random(n) < np.where(group == "dark", 0.8, 0.2), 0, 1)
    right = rng.random(n) < np.where(labels == 0, 0.5, 0.9)
    found = found_by(labels, np.where(right, labels, 2), group)
    assert {gap.metric for _, gap in found.significant_gaps} >= {"accuracy"}
    assert not {gap.metric for _, gap in found.significant_gaps} & {
        "mean recall",
        "recall of 0",
        "recall of 1",
    }


def test_small_groups_are_shown_and_not_compared():
    labels, predicted, group = oracle_case()
    group = group.astype("U3")
    group[:SMALL] = "b"
    group[group == "c"] = "a"
    group[-(SMALL - 1) :] = "few"
    found = found_by(labels, predicted, group)
    (attribute,) = found.attributes
    assert [row.name for row in attribute.groups if row.is_small] == ["few"]
    assert {name for gap in attribute.gaps for name in (gap.highest, gap.lowest)} == {"a", "b"}
    assert len(found.warnings) == 1
    assert f"are not compared: few ({SMALL - 1})." in found.warnings[0]


def test_predicted_and_missing_groups_are_warned_of():
    labels, predicted, group = oracle_case()
    group[:5] = ""
    found = found_by(labels, predicted, group, predicted=True)
    assert found.attributes[0].ungrouped == 5
    assert [("predictions of a model" in text, "without a group" in text) for text in found.warnings] == [
        (True, False),
        (False, True),
    ]


def test_spellings_and_omitted_pairs_are_warned_of(monkeypatch):
    monkeypatch.setattr(permutation, "PERMUTATIONS", 9)
    labels, answers, group = oracle_case()
    group = np.where(group == "a", "A", np.where(group == "b", "a", "c"))
    many = [GroupLabels(f"column {at}", group, notes=("a note.",) * (at == 0)) for at in range(5)]
    warnings = evaluate_groups(of(labels, answers), many).warnings
    assert "column 0: groups that differ in case only are compared as different: A and a." in warnings
    assert warnings[-2:] == ("a note.", "Pairs of columns are evaluated for up to 4 columns; these are 5.")


def test_a_single_group_has_no_gap():
    labels, predicted, group = oracle_case()
    found = found_by(labels, predicted, np.full(len(group), "all"))
    assert found.attributes[0].gaps == ()
    assert "no gap was tested" in found.warnings[0]


def test_the_result_is_a_value():
    found = simulated(0, gap=0.2)
    assert GroupEvaluation.model_validate_json(found.model_dump_json()) == found
    assert simulated(0, gap=0.2) == found
    assert found.to_frame()["group"].tolist() == ["bright", "dark"]
    assert "light: accuracy" in repr(found)
    assert "<td>bright</td>" in found._repr_html_()
    assert len(found.plot().axes) == 1


def test_a_face_without_a_label_is_refused():
    some = predictions(40)
    labels = some.labels.copy()
    labels[3] = -1
    with pytest.raises(Exception, match="no label"):
        evaluate_groups(replace(some, labels=labels), [])
