import io

import pytest
from rich.console import Console

from builders import faces, fer_csv, rows_of
from mien.cli.source import read_and_remark, remarks
from mien.data import BadRow, Reading
from mien.errors import DataError

SKIPPED = tuple(BadRow(f"row {number}", "broken") for number in range(1, 6))


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading(faces(1)), []),
        (Reading(faces(1), notes=("not cached",)), ["not cached"]),
        (Reading(faces(1), SKIPPED[:1]), ["1 bad row left out: row 1: broken"]),
        (
            Reading(faces(1), SKIPPED, notes=("not cached",)),
            [
                "not cached",
                (
                    "5 bad rows left out: row 1: broken; row 2: broken; row 3: broken; "
                    "and 2 more, listed by mien data info"
                ),
            ],
        ),
    ],
)
def test_remarks(reading: Reading, expected: list[str]) -> None:
    assert remarks(reading) == expected


def test_what_was_left_out_is_said_once_and_the_rest_is_read(tmp_path) -> None:
    rows = rows_of(faces(20))
    source = fer_csv(tmp_path / "bad.csv", [*rows[:9], (7, *rows[9][1:]), *rows[10:]])
    with pytest.raises(DataError, match="row 10"):
        read_and_remark(str(source))
    console = Console(file=io.StringIO(), width=40)
    assert len(read_and_remark(str(source), skip_bad=True, console=console).faces) == 19
    assert console.file.getvalue().startswith("mien: 1 bad row left out: row 10 (line 11): emotion is '7'")
