import io

import pytest
from rich.console import Console

from builders import faces, fer_csv, rows_of
from mien.cli.source import SourceOptions, read_and_remark
from mien.errors import DataError


def test_bad_rows_are_reported_and_the_rest_is_read(tmp_path) -> None:
    rows = rows_of(faces(20))
    source = fer_csv(tmp_path / "bad.csv", [*rows[:9], (7, *rows[9][1:]), *rows[10:]])
    with pytest.raises(DataError, match="row 10"):
        read_and_remark(str(source))
    console = Console(file=io.StringIO(), width=40)
    assert len(read_and_remark(str(source), SourceOptions(skip_bad=True), console=console).faces) == 19
    lines = console.file.getvalue().splitlines()
    assert (
        sum(line.startswith("mien: 1 bad row left out: row 10 (line 11): emotion is '7'") for line in lines)
        == 1
    )
