import io
from types import SimpleNamespace

from mien.cli.group_table import print_groups
from mien.console import Console


def test_no_gap_is_called_insignificant_if_none_was_tested():
    stream = io.StringIO()
    found = SimpleNamespace(attributes=(), significant_gaps=(), warnings=())
    print_groups(found, Console(file=stream))
    assert "no gap was tested" in stream.getvalue()
    assert "significant" not in stream.getvalue()
