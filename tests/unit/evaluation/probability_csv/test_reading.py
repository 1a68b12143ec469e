"""A CSV of probabilities: read in any layout, refused with row and reason where it is wrong."""

import re

import numpy as np
import pytest

from builders import faces, predictions, probabilities
from mien.errors import PredictionsError
from mien.evaluation.probability_csv.reading import read_csv, read_probability_csv
from mien.labels import EMOTIONS

HEADER = ",".join(EMOTIONS)
EVEN = ",".join(["0.142857"] * 7)
CONFIDENT = "0.94,0.01,0.01,0.01,0.01,0.01,0.01"


def csv_file(folder, *lines, name="theirs.csv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(given):
    return [",".join(f"{value:.6f}" for value in row) for row in given]


def test_rows_in_the_order_of_the_faces(tmp_path):
    some, given = faces(10), probabilities(10)
    read = read_probability_csv(csv_file(tmp_path, HEADER, *rows(given)), some, split="test")
    np.testing.assert_allclose(read.probabilities, given, atol=2e-6)
    assert read.labels.tolist() == some.labels.tolist()
    assert (read.system, read.split, read.source) == ("theirs", "test", some.source)
    assert read.images is some.images


@pytest.mark.parametrize("column", ["id", "row", " ID "])
def test_rows_are_joined_by_id(tmp_path, column):
    some, given = faces(10), probabilities(10)
    lines = [f"{name},{row}" for name, row in zip(some.ids, rows(given), strict=True)]
    read = read_probability_csv(csv_file(tmp_path, f"{column},{HEADER}", *lines[::-1]), some)
    np.testing.assert_allclose(read.probabilities, given, atol=2e-6)


def test_columns_in_any_order_case_and_known_spelling(tmp_path):
    header = "Sadness,SURPRISE,Happiness,neutral,Anger,Disgusted, fearful ,model"
    read = read_probability_csv(csv_file(tmp_path, header, "0.4,0,0,0,0.6,0,0,v2"), faces(1))
    assert dict(zip(read.classes, read.probabilities[0].round(3).tolist(), strict=True)) == pytest.approx(
        dict.fromkeys(EMOTIONS, 0) | {"sad": 0.4, "angry": 0.6}
    )


@pytest.mark.parametrize("label", ["2", "fear", "FEAR", "fearful"])
@pytest.mark.parametrize("column", ["label", "emotion", "Label"])
def test_labels_in_the_file_replace_the_faces(tmp_path, column, label):
    read = read_probability_csv(csv_file(tmp_path, f"{column},{HEADER}", f"{label},{EVEN}", f"0,{CONFIDENT}"))
    assert read.labels.tolist() == [2, 0]
    assert (read.classes, read.split, read.images, read.in_training) == (EMOTIONS, "unnamed", None, None)
    assert read.ids.tolist() == ["1", "2"]


def test_other_classes_without_faces(tmp_path):
    path = csv_file(tmp_path, "id,Cat,dog,label", "a.png,0.2,0.8,DOG", "b.png,0.7,0.3,0")
    read = read_probability_csv(path)
    assert (read.classes, read.labels.tolist(), read.ids.tolist()) == (
        ("cat", "dog"),
        [1, 0],
        ["a.png", "b.png"],
    )


def test_other_classes_of_the_faces(tmp_path):
    some = faces(4, ("Cat", "Dog"))
    read = read_probability_csv(csv_file(tmp_path, "DOG,cat,size", *["0.9,0.1,7"] * 4), some)
    assert read.classes == ("Cat", "Dog")
    assert read.predicted.tolist() == [1, 1, 1, 1]


def test_labels_may_fill_gaps_but_not_contradict(tmp_path):
    some = faces(3)
    unlabeled = predictions(3, labels=np.full(3, -1))
    path = csv_file(tmp_path, f"label,{HEADER}", *(f"{name},{EVEN}" for name in ("angry", "disgust", "fear")))
    assert read_probability_csv(path, some).labels.tolist() == [0, 1, 2]
    blank = faces(3).take(np.arange(3))
    object.__setattr__(blank, "labels", unlabeled.labels)
    assert read_probability_csv(path, blank).labels.tolist() == [0, 1, 2]
    path = csv_file(tmp_path, f"label,{HEADER}", *(f"{name},{EVEN}" for name in ("angry", "fear", "disgust")))
    with pytest.raises(
        PredictionsError, match=r"row 2 \(line 3\): label 'fear', but face 00001 .* is 'disgust'; 2 of 3"
    ):
        read_probability_csv(path, some)


def test_rounded_probabilities_are_scaled_to_one(tmp_path):
    read = read_probability_csv(csv_file(tmp_path, HEADER, ",".join(["0.14"] * 7)), faces(1))
    assert read.probabilities.sum() == pytest.approx(1)


@pytest.mark.parametrize("column", ["prediction", "dominant_emotion", "y_pred"])
def test_predicted_classes_alone(tmp_path, column):
    rows = ("00002.png,Happiness,0.9", "00000.png,angry,0.8", "00001.png,,")
    reading = read_csv(csv_file(tmp_path, f"file,{column},confidence", *rows), faces(3))
    assert reading.predictions.predicted.tolist() == [0, 3]
    assert reading.predictions.confidence.tolist() == [1, 1]
    assert reading.missing == ("00001",)
    assert reading.predictions.only_classes


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["id,prediction", "00000,3"], "'3' under 'prediction', .*a number may mean another class"),
        (["id,prediction", "00000,joyous"], "'joyous' under 'prediction', expected one of angry"),
        (["id,emotion", "00000,happy"], "if emotion is the predicted class, call that column prediction"),
        (
            [f"id,label,{HEADER}", f"00000,sad,{EVEN}"],
            "if the column has predicted classes, call it prediction",
        ),
    ],
)
def test_predicted_classes_that_are_not_clear(tmp_path, lines, message):
    with pytest.raises(PredictionsError, match=message):
        read_csv(csv_file(tmp_path, *lines), faces(1))


@pytest.mark.parametrize(
    ("before", "delimiter"), [("sep=;\n", ";"), ("# made by a tool\n# on Friday\n", ","), ("# ", ",")]
)
def test_lines_that_programs_write_before_the_header(tmp_path, before, delimiter):
    path = tmp_path / "theirs.csv"
    path.write_text(before + f"id,{HEADER}\n00000,{EVEN}\n".replace(",", delimiter))
    assert len(read_csv(path, faces(1)).predictions) == 1


@pytest.mark.parametrize(
    ("before", "line"), [("", 3), ("sep=,\n", 4), ("# made by a tool\n# on Friday\n", 5)]
)
def test_lines_before_the_header_are_counted(tmp_path, before, line):
    path = tmp_path / "theirs.csv"
    path.write_text(f"{before}id,prediction\n00000,happy\n00001,joyous\n")
    with pytest.raises(PredictionsError, match=rf"row 2 \(line {line}\): 'joyous'"):
        read_csv(path, faces(2))


def test_predicted_classes_need_faces(tmp_path):
    path = csv_file(tmp_path, "id,label,prediction", "1,happy,sad")
    with pytest.raises(PredictionsError, match=r"prediction has predicted classes, .* pass data="):
        read_csv(path)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\n{EVEN}\r\n\r\n".encode())
    assert len(read_probability_csv(path, faces(1))) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            [HEADER, CONFIDENT, "94,1,1,1,1,1,1", "90,4,2,1,1,1,1"],
            r"row 2 \(line 3\): .* sums to 100; expected probabilities .*some rows are percentages",
        ),
        ([HEADER, "4.1,-2,0.3,0,0,0,0.1"], "logits or scores: apply softmax"),
        ([HEADER, "0.9,0.5,0.3,0,0,0,0.1"], "scores are independent, divide each row by its sum"),
        (
            [HEADER, CONFIDENT, "0.5,0.1,0.1,0,0,0,0"],
            r"row 2 \(line 3\): .* sums to 0.7; expected probabilities .* sum to 1$",
        ),
        (
            [HEADER, CONFIDENT, CONFIDENT.replace("0.94", "nan")],
            r"row 2 \(line 3\): nan under 'angry'",
        ),
        (
            [HEADER, CONFIDENT, CONFIDENT.replace("0.94", "1e999")],
            r"row 2 \(line 3\): inf under 'angry'",
        ),
        (
            [HEADER, CONFIDENT, CONFIDENT.replace("0.94", "")],
            r"row 2 \(line 3\): '' under 'angry'",
        ),
        (
            [HEADER, CONFIDENT, CONFIDENT.replace("0.94", "high")],
            r"row 2 \(line 3\): 'high' under 'angry'",
        ),
        ([HEADER, CONFIDENT, CONFIDENT + ",0"], r"row 2 \(line 3\): 8 cells, expected 7"),
        ([HEADER.replace("fear,", ""), "0.5,0.5,0,0,0,0"], "no column for fear; its columns are angry"),
        ([HEADER, CONFIDENT], "1 row for 2 faces"),
        ([HEADER, CONFIDENT, CONFIDENT, CONFIDENT], "3 rows for 2 faces"),
        ([HEADER], "no rows"),
        ([""], "no rows"),
        ([HEADER + ",angry", CONFIDENT + ",0"], "column 'angry' is there twice"),
        (
            [f"id,{HEADER}", f"00000,{CONFIDENT}", f"00000,{CONFIDENT}"],
            r"row 2 .*'00000' was in row 1 already",
        ),
        (
            [f"id,{HEADER}", f"00000,{CONFIDENT}", f"9,{CONFIDENT}"],
            r"row 2 .*'9' is not among the faces, .* 00000 to 00001",
        ),
        ([f"id,{HEADER}", f"00001,{CONFIDENT}"], "no row for 1 face, the first: id '00000'"),
        (
            [f"label,{HEADER}", f"bored,{CONFIDENT}", f"1,{CONFIDENT}"],
            "row 1 .*label 'bored', expected one of angry",
        ),
        (
            [f"label,{HEADER}", f"7,{CONFIDENT}", f"1,{CONFIDENT}"],
            "label '7'.* number from 0 to 6",
        ),
        ([HEADER, '"' + CONFIDENT], "not a CSV"),
    ],
)
def test_an_error_names_its_row(tmp_path, lines, message):
    with pytest.raises(PredictionsError, match=message) as caught:
        read_probability_csv(csv_file(tmp_path, *lines), faces(2))
    assert "theirs.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_without_labels_needs_faces(tmp_path):
    with pytest.raises(PredictionsError, match=r"no column 'label'.*pass data="):
        read_probability_csv(csv_file(tmp_path, HEADER, CONFIDENT))


def test_a_table_of_something_else(tmp_path):
    with pytest.raises(PredictionsError, match="its columns are epoch; expected one for each class"):
        read_probability_csv(csv_file(tmp_path, "epoch", "1"))
    pixels = " ".join(["255"] * 2304)
    with pytest.raises(PredictionsError, match="expected a number") as caught:
        read_probability_csv(csv_file(tmp_path, "emotion,pixels,Usage", f"0,{pixels},Training"))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("content", [b"\xff\xfe\x00angry", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_a_binary_file(tmp_path, content):
    path = tmp_path / "theirs.csv"
    path.write_bytes(content)
    with pytest.raises(PredictionsError, match="not a CSV"):
        read_probability_csv(path, faces(2))


def test_no_such_file(tmp_path):
    with pytest.raises(PredictionsError, match="can't read it"):
        read_probability_csv(tmp_path / "nowhere.csv")


def result_csv(folder, sources, given):
    """A CSV as of `mien predict`, whose label is the prediction."""
    lines = [
        f"{source},1,{EMOTIONS[row.argmax()]},{row.max():.6f},false,{cells}"
        for source, row, cells in zip(sources, given, rows(given), strict=True)
    ]
    return csv_file(folder, f"source,face,label,confidence,uncertain,{HEADER}", *lines)


@pytest.mark.parametrize("prefix", ["synthetic:10#", "archive#1.zip#", "folder/of/faces/"])
def test_the_label_of_a_result_of_mien_is_not_the_true_class(tmp_path, prefix):
    some, given = faces(10), probabilities(10)
    path = result_csv(tmp_path, [f"{prefix}{name}" for name in some.ids[::-1]], given[::-1])
    read = read_probability_csv(path, some, split="all")
    assert read.labels.tolist() == some.labels.tolist()
    np.testing.assert_allclose(read.probabilities, given, atol=2e-6)


def test_a_result_of_mien_needs_the_data_set(tmp_path):
    path = result_csv(tmp_path, ["synthetic:10#1"], probabilities(1))
    with pytest.raises(PredictionsError, match=r"its label is the prediction; pass data=\.\.\. and split="):
        read_probability_csv(path)


def test_a_result_of_mien_may_hold_other_splits_but_lacks_no_face(tmp_path):
    some, given = faces(10), probabilities(10)
    path = result_csv(tmp_path, [f"faces.csv#{name}" for name in some.ids], given)
    part = some.take(np.array([8, 3]))
    np.testing.assert_allclose(read_probability_csv(path, part).probabilities, given[[8, 3]], atol=2e-6)
    with pytest.raises(PredictionsError, match="no row for 1 face, the first: id '00008'"):
        read_probability_csv(result_csv(tmp_path, ["faces.csv#00003", "faces.csv#00001"], given[:2]), part)


def test_a_result_of_mien_on_other_faces_is_refused(tmp_path):
    path = result_csv(tmp_path, ["a.png"], probabilities(1))
    with pytest.raises(PredictionsError, match=r"id 'a\.png' is not among the faces"):
        read_probability_csv(path, faces(1))


@pytest.mark.parametrize(
    ("row", "total"),
    [
        ("0.70,0.05,0.05,0.05,0.05,0.05,0.05", None),
        ("0.21,0.14,0.14,0.14,0.14,0.13,0.13", None),  # 1.03
        ("0.14,0.14,0.14,0.14,0.14,0.14,0.13", None),  # 0.97
        ("0.22,0.14,0.14,0.14,0.14,0.13,0.13", "1.04"),
        ("0.220,0.140,0.140,0.140,0.140,0.130,0.125", "1.035"),
    ],
)
def test_probabilities_rounded_to_two_digits_may_miss_1_by_half_a_unit_each(tmp_path, row, total):
    path = csv_file(tmp_path, HEADER, *[row] * 7)
    if total is None:
        read = read_probability_csv(path, faces(7))
        np.testing.assert_allclose(read.probabilities.sum(axis=1), 1, atol=1e-6)
        return
    with pytest.raises(PredictionsError, match=rf"sums to {re.escape(total)}"):
        read_probability_csv(path, faces(7))
