"""The groups of faces, from a CSV or from values."""

import numpy as np
import pytest

from builders import predictions
from mien.errors import PredictionsError
from mien.evaluation.groups.reading import labels_of


def written(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_csv_in_any_order_about_more_faces(tmp_path):
    some = predictions(40)
    lines = [f"{name},old,{'day' if row % 2 else ''}" for row, name in enumerate(some.ids)]
    path = written(tmp_path / "g.csv", "id,age,light", "other,young,night", *reversed(lines))
    age, light, both = labels_of(path, some)
    assert (age.name, set(age.groups)) == ("age", {"old"})
    assert light.groups.tolist() == ["day" if row % 2 else "" for row in range(40)]
    assert (both.name, both.is_combined, set(both.groups)) == ("age and light", True, {"", "old, day"})
    assert [one.predicted for one in (age, light, both)] == ["", "", ""]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("id,predicted_age", "the column is called predicted_age"),
        ("id,age_estimated", "the column is called age_estimated"),
        ("id,age,age_confidence", "the file has a column age_confidence"),
        ("id,age,score", "the file has a column score"),
        ("id,agepredator", ""),
    ],
)
def test_groups_that_are_predictions_are_recognized(tmp_path, header, reason):
    some = predictions(40)
    cells = ",".join(["x", "0.9"][: header.count(",")])
    path = written(tmp_path / "g.csv", header, *(f"{name},{cells}" for name in some.ids))
    (found,) = labels_of(path, some)
    assert found.predicted == reason


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("face_name,age", "1,old"), "expected id and one or more columns of groups"),
        (("id", "00001"), "no column of groups beside id"),
        (("id,age", "nobody,old"), "is not among the faces"),
        (("id,age", "00001,old", "00001,young"), "was in row 1 already"),
        (("id,age", "00001,"), "no group for any of these faces"),
        (("id,age", *(f"{row:05d},{row}" for row in range(60))), "60 groups of age, expected at most 50"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, lines, message):
    with pytest.raises(PredictionsError, match=message):
        labels_of(written(tmp_path / "g.csv", *lines), predictions(70))


def test_values_in_the_order_of_the_faces():
    some = predictions(40)
    (found,) = labels_of({"light": np.repeat(["day", "night"], 20)}, some)
    assert found.groups.tolist() == ["day"] * 20 + ["night"] * 20
    for wrong, message in (
        ({}, "no groups"), ({"light": ["day"]}, "1 groups for 40 faces"), ({"light": "day"}, "type str"),
    ):  # fmt: skip
        with pytest.raises(PredictionsError, match=message):
            labels_of(wrong, some)
