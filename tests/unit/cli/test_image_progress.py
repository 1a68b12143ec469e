import io

import pytest

from mien.cli.image_progress import CropProgress, ImageProgress, reading_bar
from mien.console import Console
from mien.data.progress import report_progress


def console(*, terminal=True, quiet=False):
    return Console(file=io.StringIO(), force_terminal=terminal, quiet=quiet, width=80)


def test_reading_shows_a_bar_on_a_terminal():
    shown = console()
    with reading_bar(shown):
        report_progress(3, 7)
        report_progress(7, 7)
    report_progress(1, 9)
    text = shown.file.getvalue()
    assert "reading images" in text
    assert "7/7" in text
    assert "1/9" not in text


@pytest.mark.parametrize("shown", [console(terminal=False), console(quiet=True)])
def test_elsewhere_there_is_no_bar(shown):
    with reading_bar(shown):
        report_progress(3, 7)
    assert shown.file.getvalue() == ""


def test_nothing_is_shown_before_the_first_image():
    shown = console()
    with ImageProgress("cropping", shown):
        pass
    assert shown.file.getvalue() == ""


def test_an_interrupted_crop_says_how_to_continue(capsys):
    with pytest.raises(KeyboardInterrupt), CropProgress(quiet=True):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "mien: the crops so far are kept; the same command continues\n"
