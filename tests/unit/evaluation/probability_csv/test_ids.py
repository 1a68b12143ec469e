"""Which row of a CSV is about which face."""

from pathlib import Path

import pytest

from mien.errors import PredictionsError
from mien.evaluation.probability_csv.ids import rows_by_id
from mien.evaluation.probability_csv.table import Table

ROWS = ["11", "12", "13"]
PATHS = ["test/happy/a.png", "test/sad/b.png"]


def rows(ids, wanted, **options):
    table = Table(Path("theirs.csv"), ("id",), [[name] for name in ids], list(range(2, len(ids) + 2)))
    found = rows_by_id(table, ids, wanted, **options)
    return found.of_face.tolist(), " ".join(found.notes)


@pytest.mark.parametrize(
    ("ids", "wanted", "expected", "note"),
    [
        (["13", "11", "12"], ROWS, [1, 2, 0], ""),
        (["13.0", "011", "12"], ROWS, [1, 2, 0], ""),
        (["13", "11"], ROWS, [1, -1, 0], ""),
        (["10", "11", "12"], ROWS, [0, 1, 2], "count from 0"),
        (["10", "12"], ROWS, [0, -1, 1], "count from 0"),
        (["2", "0", "1"], ROWS, [1, 2, 0], "positions in the split"),
        (["1", "2", "3"], ROWS, [0, 1, 2], "positions in the split"),
        ([str(number) for number in range(15)], ROWS, [10, 11, 12], "12 of its rows are about other faces"),
        (["10", "11", "12", "13"], ROWS, [1, 2, 3], "1 of its rows is about another face"),
        ([str(number) for number in range(1, 15)], ROWS, [10, 11, 12], "11 of its rows"),
        (["/data/fer/test/sad/b.png", "C:\\fer\\test\\happy\\a.png"], PATHS, [1, 0], ""),
        (["b.png", "a.png"], PATHS, [1, 0], ""),
        (["b", "a"], PATHS, [1, 0], ""),
        (["fer0000011.png", "fer0000010.png"], ROWS, [1, 0, -1], "image names of FER+"),
    ],
)
def test_ids_in_several_spellings(ids, wanted, expected, note):
    found, notes = rows(ids, wanted)
    assert found == expected
    assert note in notes


def test_rows_that_count_from_zero_are_noted():
    assert "count from 0" in rows([str(number) for number in range(15)], ROWS)[1]


@pytest.mark.parametrize(
    ("ids", "wanted", "message"),
    [
        (["11", "11"], ROWS, r"row 2 \(line 3\): id '11' was in row 1 already"),
        (["11", "99"], ROWS, r"row 2 \(line 3\): id '99' is not among the faces, whose ids are 11 to 13"),
        (["a.png"], ["x/a.png", "y/a.png"], "id 'a.png' is not among the faces"),
    ],
)
def test_a_mistake_is_one_clear_line(ids, wanted, message):
    with pytest.raises(PredictionsError, match=message):
        rows(ids, wanted)
