"""FER+ votes: joined row by row, and every way in which they may not fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import USAGE_OF_SPLIT, faces, fer_csv, rows_of
from mien.data import read_faces, read_source
from mien.data.readers.ferplus import COLUMNS, read_votes
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import SPLITS, TEST

SOME = faces(20)
VOTES = np.random.default_rng(0).integers(0, 11, (20, 10)).astype(np.uint8)
HEADER = ",".join(COLUMNS)


def vote_rows(some: FaceSet = SOME) -> list[str]:
    return [
        ",".join([USAGE_OF_SPLIT[SPLITS[split]], f"fer{row}.png", *map(str, votes)])
        for row, (split, votes) in enumerate(zip(some.splits, VOTES, strict=False))
    ]


def vote_file(folder: Path, *lines: str, end: str = "\n") -> Path:
    path = folder / "fer2013new.csv"
    path.write_bytes((end.join(lines) + end).encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_votes_are_joined_in_row_order(tmp_path: Path, end: str) -> None:
    votes = vote_file(tmp_path, "\ufeff" + HEADER, *vote_rows(), end=end)
    read = read_faces(fer_csv(tmp_path / "a.csv", SOME), ferplus=str(votes))
    assert read.votes is not None
    assert (read.votes == VOTES).all()
    assert read.votes.dtype == np.uint8


def test_rows_left_out_lose_their_votes(tmp_path: Path) -> None:
    rows = rows_of(SOME)
    rows[3] = (3, "1 2 3", "Training")
    rows[19] = (9, *rows[19][1:])
    votes = vote_file(tmp_path, HEADER, *vote_rows())
    for _ in range(2):  # read, then from the cache
        reading = read_source(fer_csv(tmp_path / "a.csv", rows), ferplus=votes, skip_bad=True)
        assert reading.faces.votes is not None
        assert (reading.faces.votes == np.delete(VOTES, [3, 19], axis=0)).all()
        assert [bad.where for bad in reading.skipped] == ["row 4 (line 5)", "row 20 (line 21)"]


def test_votes_on_a_split_that_the_source_lacks_are_left_out(tmp_path: Path) -> None:
    kept = ~SOME.in_split(TEST)
    read = read_faces(
        fer_csv(tmp_path / "a.csv", SOME.take(kept)), ferplus=vote_file(tmp_path, HEADER, *vote_rows())
    )
    assert read.votes is not None
    assert (read.votes == VOTES[kept]).all()


@pytest.mark.parametrize("lines", [vote_rows()[:-1], [*vote_rows(), vote_rows()[0]], vote_rows()[1:]])
def test_a_row_too_many_or_too_few_is_an_error(tmp_path: Path, lines: list[str]) -> None:
    source = fer_csv(tmp_path / "a.csv", SOME)
    with pytest.raises(DataError, match=f"{len(lines)} rows of votes for the 20 rows of .*a.csv"):
        read_faces(source, ferplus=vote_file(tmp_path, HEADER, *lines))


def test_another_usage_in_one_row_is_an_error(tmp_path: Path) -> None:
    swapped = vote_rows()
    swapped[7], swapped[8] = swapped[8], swapped[7]
    with pytest.raises(DataError, match=r"row 8 of .*a\.csv is of PublicTest, expected Training"):
        read_faces(fer_csv(tmp_path / "a.csv", SOME), ferplus=vote_file(tmp_path, HEADER, *swapped))


def changed(row: str, column: int, value: str) -> str:
    cells = row.split(",")
    cells[column] = value
    return ",".join(cells)


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        (0, "Validation", "Usage is 'Validation', expected Training"),
        (0, "", "Usage is ''"),
        (2, "-1", "neutral is '-1', expected a whole number of votes from 0 to 10"),
        (3, "1.5", "happiness is '1.5'"),
        (11, "", "NF is ''"),
        (11, "11", "NF is '11'"),
        (5, "x", "sadness is 'x'"),
        (5, "1,1", "13 columns, expected 12"),
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, column: int, value: str, problem: str) -> None:
    rows = vote_rows()
    rows[4] = changed(rows[4], column, value)
    with pytest.raises(DataError, match=rf"fer2013new.csv: row 5 \(line 6\): {problem}"):
        read_votes(vote_file(tmp_path, HEADER, *rows))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "(?:not a FER\\+ file|expected votes of FER\\+)"),
        (b"emotion,pixels,Usage\n", "(?:not a FER\\+ file|expected votes of FER\\+)"),
        (HEADER.encode() + b"\n", "a header and no rows"),
        (b"\xff\xfe\x00", "not a CSV of FER\\+ votes"),
        (HEADER.encode() + b'\n"Training', "not a CSV of FER\\+ votes"),
    ],
)
def test_what_is_no_ferplus_file(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "votes.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=problem):
        read_votes(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"votes\.csv: No such file"):
        read_votes(tmp_path / "votes.csv")


def test_drawn_faces_have_no_rows() -> None:
    with pytest.raises(DataError, match="FER\\+ joins by the row order"):
        read_faces("synthetic:7", ferplus=Path("votes.csv"))


def test_equal_counts_with_other_splits_are_not_trimmed(tmp_path: Path) -> None:
    all_training = replace(SOME, splits=np.zeros(20, np.uint8))
    with pytest.raises(DataError, match="don't belong together"):
        read_faces(
            fer_csv(tmp_path / "a.csv", all_training), ferplus=vote_file(tmp_path, HEADER, *vote_rows())
        )
