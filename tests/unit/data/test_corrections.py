from pathlib import Path

import numpy as np
import pytest

from builders import faces
from mien.data.corrections import (
    applied,
    correction_notes,
    doubtful_faces,
    read_corrections,
    suggested_labels,
)
from mien.errors import DataError

SOME = faces(20)
"""Faces 8 and 18 are of validation, 9 and 19 of test; the label of face n is n modulo 7."""

HEADER = "row,label,suggestion,reason,score\n"


def written(tmp_path: Path, rows: str, header: str = HEADER):
    path = tmp_path / "audit.csv"
    path.write_text(header + rows)
    return read_corrections(path)


def test_rows_are_excluded_unless_they_are_to_be_kept(tmp_path):
    file = written(
        tmp_path,
        "00001,disgust,exclude,blank,1\n00002,fear,keep,duplicate,1\n00003,happy,sad,label,0.9\n00008,disgust,,blurred,1\n",
    )
    assert np.flatnonzero(doubtful_faces(SOME, file)).tolist() == [1, 3, 8]


def test_training_faces_are_left_out_and_others_stay(tmp_path):
    file = written(tmp_path, "00001,disgust,exclude,blank,1\n00008,disgust,exclude,blank,1\n")
    labels, kept = applied(SOME, file, None)
    assert np.flatnonzero(~kept).tolist() == [1]
    assert np.array_equal(labels, SOME.labels)


def test_suggested_classes_replace_labels_of_training_faces_only(tmp_path):
    file = written(
        tmp_path, "00001,disgust,sad,label,1\n00008,disgust,happy,label,1\n00002,fear,exclude,blank,1\n"
    )
    labels, kept = applied(SOME, None, file)
    assert kept.all()
    assert np.flatnonzero(labels != SOME.labels).tolist() == [1]
    assert SOME.classes[labels[1]] == "sad"
    assert np.flatnonzero(suggested_labels(SOME, file) != SOME.labels).tolist() == [1, 8]


def test_with_both_a_face_with_a_new_label_stays(tmp_path):
    file = written(tmp_path, "00001,disgust,sad,label,1\n00002,fear,exclude,blank,1\n")
    labels, kept = applied(SOME, file, file)
    assert np.flatnonzero(~kept).tolist() == [2]
    assert SOME.classes[labels[1]] == "sad"
    assert correction_notes(SOME, file, file) == [
        f"{file.path}: 1 doubtful training face left out",
        f"{file.path}: 1 training face with another label",
    ]


def test_with_both_an_exclusion_prevails_over_a_label(tmp_path):
    file = written(tmp_path, "00001,disgust,exclude,duplicate,1\n00001,disgust,sad,label error,1\n")
    assert np.flatnonzero(~applied(SOME, file, file)[1]).tolist() == [1]
    assert applied(SOME, None, file)[1].all()


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("row\n", "00001\n"),
        ("\ufeffRow;Label;Suggestion\n", "00001;disgust;exclude\n"),
        ("id,suggestion\n", "00001,Exclude\n\n"),
    ],
)
def test_files_of_spreadsheets_and_lists_of_rows_are_read(tmp_path, header, rows):
    assert np.flatnonzero(doubtful_faces(SOME, written(tmp_path, rows, header))).tolist() == [1]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("99999,disgust,exclude,blank,1\n", "row '99999' is no face"),
        ("00001,happy,exclude,blank,1\n", "is labeled 'happy' there, but 'disgust'"),
        (",happy,exclude,blank,1\n", "row 1 names no face"),
        ("00001,disgust,sad,label,1\n00001,disgust,fear,label,1\n", "another row suggests 'sad'"),
        ("00001,disgust,sadness!,label,1\n", "the suggestion 'sadness!'"),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path, rows, words):
    with pytest.raises(DataError, match=words) as caught:
        applied(SOME, None, written(tmp_path, rows))
    assert "\n" not in str(caught.value)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(DataError, match="expected the CSV of mien audit"):
        written(tmp_path, "1,2\n", "a,b\n")
    with pytest.raises(DataError, match="can't read it"):
        read_corrections(tmp_path / "missing.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00row")
    with pytest.raises(DataError, match="UTF-8"):
        read_corrections(tmp_path / "binary.csv")
