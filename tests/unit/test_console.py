import io

from rich.table import Table
from rich.text import Text

from mien.console import Console


def test_escape_sequences_from_outside_are_shown_in_lines_texts_and_tables() -> None:
    console = Console(
        file=io.StringIO(), force_terminal=True, width=80, color_system="standard", highlight=False
    )
    table = Table("a\x1b[2J", box=None)
    table.add_row("b\x1b]0;title\x07")

    console.print("c\x1b[31m", markup=False)
    console.print(Text("d\x9b2J", style="red"))
    console.print(table)

    shown = console.file.getvalue()  # type: ignore[attr-defined]
    for name in ("a\\x1b[2J", "b\\x1b]0;t", "c\\x1b[31m", "d\\x9b2J"):
        assert name in shown
    assert "\x1b[31md" in shown  # its own colors stay


def test_lines_stay_lines() -> None:
    console = Console(file=io.StringIO(), width=80)

    console.print("one\ntwo")

    assert console.file.getvalue() == "one\ntwo\n"  # type: ignore[attr-defined]
