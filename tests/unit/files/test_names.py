import os

import pytest

from mien.files.names import (
    fitting_name,
    folded_name,
    length_of,
    name_of_bytes,
    portable_name,
    problem_of_name,
)


@pytest.mark.parametrize(
    ("name", "portable"),
    [
        ("happy", "happy"),
        ("é 图.png", "é 图.png"),
        ("12:30.jpg", "12_30.jpg"),
        ("a\\b/c", "a_b_c"),
        ('<"|?*>', "______"),
        ("a\nb\0", "a_b_"),
        ("bad\udcff.png", "bad_.png"),
        ("..", "__"),
        ("v1.", "v1_"),
        ("end. ", "end__"),
        ("CON", "CON_"),
        ("aux.tar.gz", "aux_.tar.gz"),
        ("com1", "com1_"),
        ("LPT³.txt", "LPT³_.txt"),
        ("nul .txt", "nul_ .txt"),
        ("console", "console"),
        ("com10", "com10"),
        (".con", ".con"),
        ("", "_"),
    ],
)
def test_names_become_ones_that_all_systems_take(name, portable):
    assert portable_name(name) == portable
    assert (problem_of_name(name) == "") is (name == portable)
    assert problem_of_name(portable) == ""


def test_names_that_differ_in_case_only_fold_to_one():
    assert folded_name("Straße/A.JPG") == folded_name("STRASSE/a.jpg")
    assert folded_name("a.jpg") != folded_name("b.jpg")


@pytest.mark.parametrize(
    ("name", "on_posix", "on_windows"), [("é", 2, 1), ("图" * 100, 300, 100), ("😀", 4, 2)]
)
def test_lengths_are_in_the_units_of_the_system(name, on_posix, on_windows):
    assert length_of(name, "posix") == on_posix
    assert length_of(name, "nt") == on_windows
    assert length_of("\udc80", "nt") == 1


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_paths_of_other_programs_may_have_any_bytes(system):
    assert name_of_bytes("é.png".encode(), system) == "é.png"
    assert name_of_bytes(b"\x89PNG\xff", system) == "\udc89PNG\udcff"


@pytest.mark.parametrize(("stem", "suffix"), [("é" * 200, ".png"), ("a" * 255, ""), ("a", "." + 300 * "b")])
def test_long_names_are_shortened_and_stay_distinct(stem, suffix):
    name = fitting_name(stem, suffix)
    assert len(os.fsencode(name)) <= 255
    assert name != fitting_name(f"{stem}b", suffix)
