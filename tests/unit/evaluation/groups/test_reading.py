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
        ("id,fairface_age", "the column is called fairface_age"),
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
        (("number,age", "1,old"), "expected id and one or more columns of groups"),
        (("id", "00001"), "no column of groups beside id"),
        (("id,age", "nobody,old"), "is not among the faces"),
        (("id,age", "00001,old", "00001,young"), "was in row 1 already"),
        (("id,age", "00001,"), "no group for any of these faces"),
        (("id,age", *(f"{row:05d},{row}" for row in range(60))), "60 groups of age, expected at most 50"),
        (
            ("id," + ",".join(f"a{at}" for at in range(21)), "00001" + ",x" * 21),
            "21 columns of groups, expected at most 20",
        ),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, lines, message):
    with pytest.raises(PredictionsError, match=message):
        labels_of(written(tmp_path / "g.csv", *lines), predictions(70))


def test_an_unnamed_first_column_holds_the_ids(tmp_path):
    some = predictions(40)
    (found,) = labels_of(written(tmp_path / "g.csv", ",age", *(f"{name},old" for name in some.ids)), some)
    assert (found.name, set(found.groups)) == ("age", {"old"})


@pytest.mark.parametrize("key", ["face_id", "filename", "image_name"])
def test_columns_that_are_no_groups_are_left_out(tmp_path, key):
    some = predictions(60)
    ages = ("old", "NA") * 30
    rows = [f"{name},img/{row}.png,{ages[row]},remark {row}" for row, name in enumerate(some.ids)]
    (found,) = labels_of(written(tmp_path / "g.csv", f"{key},path,age,remark", *rows), some)
    assert (found.name, found.groups.tolist()) == ("age", ["old", ""] * 30)
    (note,) = found.notes
    assert note.startswith("remark is left out: 60 groups of remark, expected at most 50")


def test_a_confidence_is_about_the_column_of_its_name(tmp_path):
    some = predictions(40)
    path = written(tmp_path / "g.csv", "id,age,light,age_conf", *(f"{name},old,day,1" for name in some.ids))
    assert [one.predicted for one in labels_of(path, some)[:2]] == ["the file has a column age_conf", ""]


def test_pairs_of_many_columns_are_not_evaluated():
    values = {name: ["x", "y"] * 20 for name in "abcde"}
    assert [one.name for one in labels_of(values, predictions(40))] == list("abcde")
    assert len(labels_of({name: values[name] for name in "abcd"}, predictions(40))) == 4 + 6


def test_values_without_a_group():
    values = ["day", None, float("nan"), "day "] * 10
    (found,) = labels_of({"light": values}, predictions(40))
    assert found.groups.tolist() == ["day", "", "", "day"] * 10


@pytest.mark.parametrize("values", ["xy", {"x", "y"}, {0: "x", 1: "y"}, 3])
def test_values_without_an_order_are_refused(values):
    with pytest.raises(PredictionsError, match="expected the group of each face by attribute"):
        labels_of({"light": values}, predictions(2))


def test_values_in_the_order_of_the_faces():
    some = predictions(40)
    (found,) = labels_of({"light": np.repeat(["day", "night"], 20)}, some)
    assert found.groups.tolist() == ["day"] * 20 + ["night"] * 20
    for wrong, message in (
        ({}, "no groups"), ({"light": ["day"]}, "1 group for 40 faces"), ({"light": "day"}, "type str"),
    ):  # fmt: skip
        with pytest.raises(PredictionsError, match=message):
            labels_of(wrong, some)
