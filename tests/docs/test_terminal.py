import pytest

pytest.importorskip("termios")  # not on Windows

from terminal import Screen, page


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("a\nb\n", "a\nb"),
        ("10 %\r20 %\nend", "20 %\nend"),
        ("1\n2\n\r\x1b[2K\x1b[1A\x1b[2K3", "1\n3"),
        ("\x1b[?25l\x1b[1mbold\x1b[0m", "\x1b[1mbold\x1b[0m"),
    ],
    ids=["lines", "progress", "replaced line", "colors"],
)
def test_a_screen_shows_the_latest_lines(output, text):
    screen = Screen()
    screen.feed(output)
    assert screen.text == text


def test_a_page_keeps_colors_and_escapes_text():
    html = page("\x1b[38;2;230;168;0m<b>\x1b[0m", 40)
    assert 'id="terminal"' in html
    assert "&lt;b&gt;" in html
    assert "#e6a800" in html
