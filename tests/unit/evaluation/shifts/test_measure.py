"""Accuracy under shift of a classifier whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from bundle_builders import in_memory
from mien.errors import PredictionsError
from mien.evaluation.request import Request
from mien.evaluation.robustness.corruptions import CORRUPTIONS, NAMES
from mien.evaluation.shifts.detected import DetectedFaces
from mien.evaluation.shifts.measure import measure_shifts, shifts_of
from mien.evaluation.shifts.result import ShiftEvaluation

SOME = predictions(50)
HALF = DetectedFaces("half", np.arange(0, 50, 2), SOME.images[::2])


def knowing(answers):
    """Return a classifier that answers by the mean gray level of a face."""

    def classify(faces):
        return np.eye(7, dtype=np.float32)[[answers(face) for face in faces]]

    return classify


def rows_of(found, part):
    return {row.condition: row for row in found.rows if row.part == part}


def test_the_number_is_the_mean_of_its_parts():
    found = measure_shifts(SOME, knowing(lambda face: 3), [HALF])
    happy = SOME.labels == 3
    half, corrupted = found.scores.parts
    assert half.accuracy == pytest.approx(happy[::2].mean())
    assert (half.found, half.n) == (0.5, 25)
    assert half.unchanged == pytest.approx(SOME.correct[::2].mean())
    assert corrupted.accuracy == pytest.approx(happy.mean())
    assert (corrupted.found, corrupted.n) == (None, 50 * len(CORRUPTIONS))
    assert found.scores.accuracy == pytest.approx((half.accuracy + corrupted.accuracy) / 2)
    assert found.scores.unchanged == pytest.approx(SOME.correct.mean())
    assert found.scores.n == 50


def test_conditions_divide_the_images():
    found = measure_shifts(SOME, knowing(lambda face: 3), [HALF])
    sizes = [row.n for name, row in rows_of(found, "half").items() if name.endswith("pixels")]
    tilts = [row.n for name, row in rows_of(found, "half").items() if name.startswith("tilt")]
    assert sum(sizes) == sum(tilts) == 25
    assert next(iter(rows_of(found, "half"))) == f"{len(SOME.images[0]) // 2} pixels"
    assert tuple(rows_of(found, "corruptions")) == NAMES
    assert {row.n for row in rows_of(found, "corruptions").values()} == {50}


def test_each_face_gets_each_corruption_at_one_strength():
    seen = []
    measure_shifts(SOME, lambda faces: seen.append(faces) or np.zeros((len(faces), 7)), [])
    assert [len(faces) for faces in seen] == [10] * 60
    np.testing.assert_array_equal(seen[2], CORRUPTIONS[0](SOME.images[2::5], 3))
    np.testing.assert_array_equal(seen[5], CORRUPTIONS[1](SOME.images[4::5], 1))


def test_intervals_are_over_faces():
    """Twelve answers for the same face are not twelve faces."""
    found = measure_shifts(SOME, knowing(lambda face: 3), [])
    (part,) = found.scores.parts
    share = part.accuracy
    half = 1.96 * np.sqrt(share * (1 - share) / 50)
    assert part.interval == pytest.approx((max(0, share - half), share + half), abs=1e-3)
    assert found.scores.interval == part.interval


def test_a_detector_that_finds_nothing_has_no_rows():
    nothing = DetectedFaces("none", np.zeros(0, np.int64), SOME.images[:0])
    found = measure_shifts(SOME, knowing(lambda face: 3), [nothing])
    assert (found.scores.parts[0].accuracy, found.scores.parts[0].found) == (0, 0)
    assert rows_of(found, "none") == {}


def test_the_result_is_a_value():
    found = measure_shifts(SOME, knowing(lambda face: 3), [HALF])
    assert ShiftEvaluation.model_validate_json(found.model_dump_json()) == found
    assert found.to_frame()["part"].tolist() == [row.part for row in found.rows]
    assert "accuracy under shift" in repr(found)
    assert "<td>noise</td>" in found._repr_html_()


def test_the_same_faces_give_the_same_result():
    bundle = in_memory()
    first, again = (
        shifts_of(bundle, Request("all", "synthetic:30"), limit=3, detectors=[]) for _ in range(2)
    )
    assert first == again
    assert first.scores.n == 3


def test_predictions_and_faces_without_images_are_refused():
    with pytest.raises(PredictionsError, match="need a run or a bundle"):
        shifts_of(SOME)
    with pytest.raises(PredictionsError, match="without images"):
        measure_shifts(replace(SOME, images=None), knowing(lambda face: 0), [])
