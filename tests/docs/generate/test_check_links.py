import pytest

from generate.check_blocks import markdown_files
from generate.check_links import anchors_of, generated, links_of, problems
from generate.repository import ROOT


def test_the_documentation_has_no_broken_links():
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in markdown_files()}
    assert list(problems(texts | generated())) == []


def test_broken_links_are_named(tmp_path):
    (tmp_path / "image.png").touch()
    texts = {
        "docs/a.md": "# A\n\n[b](b.md#part-2) [c](c.md) [d](#a) [e](b.md#part-3) ![f](../image.png)",
        "docs/b.md": "# Part\n\n# Part\n\n## Part 2\n",
    }
    assert list(problems(texts, tmp_path)) == [
        "docs/a.md: c.md: no such file",
        "docs/a.md: b.md#part-3: no such heading",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## What does `fear` mean?\n## A [link](b.md)", ["what-does-fear-mean", "a-link"]),
        ("# A\n# A", ["a", "a-1"]),
        ("# A { #own }", ["own", "own"]),
        ('<a id="own"></a>', ["own"]),
        ("```bash\n# a comment\n```", []),
    ],
)
def test_anchors(text, expected):
    assert list(anchors_of(text)) == expected


def test_code_and_other_hosts_have_no_links():
    assert links_of("`[a](b)` [c](https://d) <img src='e.png'>") == ["e.png"]
