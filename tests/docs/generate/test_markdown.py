from generate.markdown import prose, slug, table


def test_anchors_are_those_of_github():
    assert slug("Recognition of millions of images") == "recognition-of-millions-of-images"
    assert slug("What does `confidence` mean?") == "what-does-confidence-mean"


def test_plain_text_has_no_meaning_in_markdown():
    assert prose('"patterns/**/*.jpg" in <folder>') == '"patterns/\\*\\*/\\*.jpg" in \\<folder\\>'


def test_code_is_kept_and_lines_are_joined():
    assert prose("As `a_b`,\n    or so.\n\nNext.") == "As `a_b`, or so.\n\nNext."


def test_options_become_code_or_links():
    assert prose("see --json.") == "see `--json`."
    assert prose("see --json.", lambda name: f"[{name}](#x)") == "see [--json](#x)."


def test_numbers_are_aligned_to_the_right():
    assert table(("a", "b"), [("x", "1")], right=[1]) == "| a | b |\n| --- | ---: |\n| x | 1 |\n"
