"""Corruption robustness of a classifier whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from bundle_builders import in_memory
from mien.errors import PredictionsError
from mien.evaluation.request import Request
from mien.evaluation.robustness.corruptions import CORRUPTIONS
from mien.evaluation.robustness.measure import measure_robustness, robustness_of, some_of
from mien.evaluation.robustness.result import Robustness

SOME = predictions(40)


def always(label):
    def classify(faces):
        return np.tile(np.eye(7, dtype=np.float32)[label], (len(faces), 1))

    return classify


def test_one_number_and_its_parts():
    done = []
    found = measure_robustness(SOME, always(3), progress=lambda *step: done.append(step))
    share = float((SOME.labels == 3).mean())
    assert found.mean_corruption_accuracy == pytest.approx(share)
    assert all(row.accuracy == pytest.approx(share) for one in found.corruptions for row in one.strengths)
    assert found.clean.accuracy == pytest.approx(float(SOME.correct.mean()))
    low, high = found.interval
    assert low < share < high
    assert done[-1] == (60 * 40, 60 * 40)
    assert found.mean_calibration_error == pytest.approx(1 - share)


def test_each_strength_is_classified_once():
    seen = []
    measure_robustness(
        SOME, lambda faces: seen.append(faces) or always(0)(faces), corruptions=CORRUPTIONS[:2]
    )
    assert len(seen) == 10
    np.testing.assert_array_equal(seen[3], CORRUPTIONS[0](SOME.images, 4))


def test_the_result_is_a_value():
    found = measure_robustness(SOME, always(3), corruptions=CORRUPTIONS[:5])
    assert Robustness.model_validate_json(found.model_dump_json()) == found
    assert found.to_frame()["corruption"].tolist() == [
        "clean",
        *(one.name for one in CORRUPTIONS[:5] for _ in range(5)),
    ]
    assert "mean corruption accuracy" in repr(found)
    assert "<th>noise</th>" in found._repr_html_()
    assert sum(ax.get_visible() for ax in found.plot().axes) == 5


def test_the_number_of_faces_is_stated_with_that_of_the_split():
    found = measure_robustness(SOME, always(3), corruptions=CORRUPTIONS[:1], faces_of_split=1500)
    assert found.faces == "40 of 1,500 faces, evenly chosen"
    assert "40 of 1,500 faces" in found.plot().get_suptitle()
    assert measure_robustness(SOME, always(3), corruptions=CORRUPTIONS[:1]).faces == "40 faces"


def test_a_bundle_is_evaluated_on_a_limited_number_of_faces():
    bundle = in_memory()
    first, again = (robustness_of(bundle, Request("all", "synthetic:30"), limit=4) for _ in range(2))
    assert first == again
    assert first.n == 4
    assert {row.n for row in [first]} == {4}


def test_faces_of_a_limit_are_evenly_spaced():
    assert some_of(SOME, 3).ids.tolist() == [SOME.ids[0], SOME.ids[20], SOME.ids[39]]
    assert some_of(SOME, 100) is SOME
    audited = replace(SOME, doubtful=np.arange(40) == 39)
    assert some_of(audited, 3).doubtful.tolist() == [False, False, True]
    with pytest.raises(PredictionsError, match="limit 0, expected 1 or more"):
        some_of(SOME, 0)


def test_predictions_and_faces_without_images_are_refused():
    with pytest.raises(PredictionsError, match="need a run or a bundle"):
        robustness_of(SOME)
    with pytest.raises(PredictionsError, match="without images"):
        measure_robustness(replace(SOME, images=None), always(0))
