import sys

import pytest

pytest.importorskip("termios")  # not on Windows

from terminal import Screen, page, shown


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("a\nb\n", "a\nb"),
        ("10 %\r20 %\nend", "20 %\nend"),
        ("A\r\nOK\r\nB", "A\nOK\nB"),
        ("1\n2\n\r\x1b[2K\x1b[1A\x1b[2K3", "1\n3"),
        ("\x1b[?25l\x1b[1mbold\x1b[0m", "\x1b[1mbold\x1b[0m"),
    ],
    ids=["lines", "progress", "breaks", "replaced line", "colors"],
)
def test_a_screen_shows_the_latest_lines(output, text):
    for length in (1, 2, 3, len(output)):
        screen = Screen()
        for start in range(0, len(output), length):
            list(screen.feed(output[start : start + length]))
        assert screen.text == text


def test_only_complete_screens_match():
    script = r"""
import sys, time
for number in range(3):
    print(f"heading {number}", flush=True)
    time.sleep(0.1)
    print(f"█ bars {number}", end="", flush=True)
    time.sleep(0.1)
    print("\r\x1b[2K\x1b[1A\x1b[2K", end="", flush=True)
"""
    found = shown([sys.executable, "-c", script], 40, "heading 1")
    assert found.splitlines() == ["heading 1", "█ bars 1"]
    with pytest.raises(SystemExit, match="heading 7"):
        shown([sys.executable, "-c", "print('heading')"], 40, "heading 7")


def test_a_page_keeps_colors_and_escapes_text():
    html = page("\x1b[38;2;230;168;0m<b>\x1b[0m", 40)
    assert 'id="terminal"' in html
    assert "&lt;b&gt;" in html
    assert "#e6a800" in html
