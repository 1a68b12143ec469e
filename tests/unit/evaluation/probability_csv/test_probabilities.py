"""The cells of CSVs of other systems."""

import numpy as np
import pytest

from builders import faces
from mien.errors import PredictionsError
from mien.evaluation.probability_csv.reading import read_csv
from mien.labels import EMOTIONS

HEADER = ",".join(EMOTIONS)


def read(folder, text, count=2, **options):
    path = folder / "theirs.csv"
    path.write_text(text, encoding="utf-8")
    return read_csv(path, faces(count), **options)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n0.5,0.5,0,0,0,0,0\n0,0,0,0,0,0,1\n",
        f"{HEADER}\n50,50,0,0,0,0,0\n0,0,0,0,0,0,100\n",
        f"{HEADER}\n50.0%,50.0 %,0,0,0,0,0\n0,0,0,0,0,0,100%\n",
        f"{HEADER}\n51,51,0,0,0,0,0\n0,0,0,0,0,0,97\n",
        f"{HEADER.replace(',', ';')}\n0,5;0,5;0;0;0;0;0\n0;0;0;0;0;0;1\n",
        f"{HEADER.replace(',', chr(9))}\n" + "0.5,0.5,0,0,0,0,0\n0,0,0,0,0,0,1\n".replace(",", "\t"),
    ],
)
def test_fractions_and_percentages_in_any_layout(tmp_path, text):
    found = read(tmp_path, text).predictions.probabilities
    np.testing.assert_allclose(found, [[0.5, 0.5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 1]], atol=1e-6)


def test_percentages_are_noted(tmp_path):
    assert read(tmp_path, f"{HEADER}\n94,1,1,1,1,1,1\n90,4,2,1,1,1,1\n").notes == (
        "Its numbers are percentages.",
    )


def test_emotions_that_the_data_lacks_are_left_out(tmp_path):
    row = "0.4,0.1,0,0,0,0,0.3,0.2\n"
    found = read(tmp_path, f"{HEADER},contempt\n{row}{row}")
    np.testing.assert_allclose(found.predictions.probabilities[0, [0, 1, 6]], [0.5, 0.125, 0.375])
    assert "contempt" in found.notes[0]


def test_missing_and_empty_rows_are_reported(tmp_path):
    row = "1,0,0,0,0,0,0"
    found = read(tmp_path, f"id,{HEADER}\n00002,{row}\n00001,,,,,,,\n00000,{row}\n", 4)
    assert found.predictions.ids.tolist() == ["00000", "00002"]
    assert found.missing == ("00001", "00003")
    assert found.notes == ("It has no prediction for 2 of 4 faces, the first: id 00001.",)


def test_a_file_without_any_prediction(tmp_path):
    with pytest.raises(PredictionsError, match="no face has a prediction"):
        read(tmp_path, f"{HEADER}\n,,,,,,\n,,,,,,\n")


def test_a_file_without_a_header(tmp_path):
    with pytest.raises(PredictionsError, match="its first line holds numbers, expected a header"):
        read(tmp_path, "0.4,0.1,0,0,0,0.2,0.3\n0.4,0.1,0,0,0,0.2,0.3\n")


def test_an_index_that_is_unrelated_to_the_faces_is_ignored(tmp_path):
    row = "1,0,0,0,0,0,0"
    assert len(read(tmp_path, f",{HEADER}\n7,{row}\n9,{row}\n").predictions) == 2
