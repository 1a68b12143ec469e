import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from mien.output.writers.table import FIELDS, TableWriter
from result_builders import face, result

SOME = [
    result("photos/anna.jpg", face("happy", 0.9), face("sad", 0.4)),
    result("photos/none.jpg"),
    result("a\tb\n\x1b[31m\udcff.jpg", face()),
    result("a very long name of a folder/中中中中中中中中中中中中中中中/" + "x" * 30 + "end.jpg", face()),
    result("clip.mp4", face("fear", 0.7, track=12), frame=100, time=63.25),
]


def printed(some=SOME, width=100, **options):
    console = Console(file=io.StringIO(), force_terminal=True, width=width, **options)
    with TableWriter(console=console) as writer:
        for one in some:
            writer.write(one)
    return console.file.getvalue()


def plain(width=100, **options):
    return printed(width=width, no_color=True, color_system=None, **options).splitlines()


def test_a_pipe_gets_fields_separated_by_tabs(capfdbinary):
    with TableWriter(console=Console(force_terminal=False)) as writer:
        for one in SOME[:3] + SOME[-1:]:
            writer.write(one)
    lines = [line.split("\t") for line in capfdbinary.readouterr().out.decode().split("\n")[:-1]]
    assert lines == [
        list(FIELDS),
        ["photos/anna.jpg", "", "1", "happy", "0.900", "angry", "0.017", "false", "", "0.938", ""],
        ["photos/anna.jpg", "", "2", "sad", "0.400", "angry", "0.100", "true", "low confidence", "0.938", ""],
        ["photos/none.jpg", *[""] * 10],
        [
            "a\\tb\\n\x1b[31m\\udcff.jpg",
            "",
            "1",
            "happy",
            "0.800",
            "angry",
            "0.033",
            "false",
            "",
            "0.938",
            "",
        ],
        ["clip.mp4", "63.250", "1", "fear", "0.700", "angry", "0.050", "false", "", "0.938", "12"],
    ]


def test_a_terminal_gets_one_line_per_face():
    lines = plain()
    assert lines[0].split() == ["image", "face", "label", "runner_up", "score"]
    assert " ".join(lines[1].split()) == "photos/anna.jpg 1 happy █████████ 90 % angry 2 % 0.94"
    assert " ".join(lines[2].split()) == "photos/anna.jpg 2 sad? ████ 40 % angry 10 % 0.94"
    assert lines[3].split() == ["photos/none.jpg", "-", "no", "face"]
    assert lines[6].split()[:4] == ["clip.mp4", "1:03.2", "#12", "fear"]
    assert len(lines) == 7


@pytest.mark.parametrize("width", [1, 10, 30, 40, 55, 60, 70, 80, 200])
def test_the_table_fits_any_width(width):
    lines = plain(width)
    assert all(cell_len(line) <= width for line in lines)
    assert len(lines) == 7


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_columns_are_aligned_and_include_the_label(width):
    lines = plain(width)
    cut = [lines[row].index(name) for row, name in ((0, "label"), (1, "happy"), (2, "sad?"), (6, "fear"))]
    assert len(set(cut)) == 1
    assert "end.jpg" in lines[5]
    assert all("%" in lines[row] for row in (1, 2, 4, 5, 6))


def test_names_cannot_move_the_cursor():
    assert "\x1b[31m" not in "".join(plain())
    assert r"\x1b[31m\udcff.jpg" in plain()[4]


def test_no_color_turns_colors_off(monkeypatch):
    assert "\x1b[38" in printed(color_system="truecolor")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[38" not in printed(color_system="truecolor")


def test_a_terminal_without_unicode_shows_ascii_bars():
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with TableWriter(console=Console(file=file, force_terminal=True, width=100, color_system=None)) as writer:
        writer.write(SOME[0])
    file.flush()
    assert b" #########  " in file.buffer.getvalue()


def test_long_labels_are_cut():
    classes = ("a class with a name that is much too long", "b")
    line = plain(80)[0]
    long = printed(
        [result("a.jpg", face(classes[0], 0.9, classes=classes))], 80, no_color=True, color_system=None
    )
    assert "a class with a …" in long
    assert len(line) <= 80
