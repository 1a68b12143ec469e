"""The configuration of Jinja, and escaping in Markdown."""

import pytest
from jinja2 import UndefinedError

from mien import templates
from mien.templates import markdown_code, markdown_text, template


@pytest.fixture
def written(monkeypatch):
    """Return a function that makes a template of a text."""

    def write(name, text):
        monkeypatch.setattr(templates, "_reader", lambda _: lambda _: text)
        return template("anywhere", name)

    return write


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("page.html.j2", "&lt;b&gt; 12,345 50.0 p &lt; 0.001"),
        ("metadata.md.j2", "<b> 12,345 50.0 p < 0.001"),
    ],
)
def test_html_is_escaped_and_numbers_have_filters(name, shown, written):
    made = written(name, "{{ word }} {{ 12345 | thousands }} {{ 0.5 | percent }} {{ 1e-7 | p_value('p') }}")
    assert made.render(word="<b>") == shown


def test_an_undefined_value_is_an_error(written):
    with pytest.raises(UndefinedError):
        written("metadata.md.j2", "{{ nothing }}").render()


@pytest.mark.parametrize(
    ("words", "text", "code"),
    [
        pytest.param("plain 48x48", "plain 48x48", "`plain 48x48`", id="plain"),
        pytest.param("a|b", r"a\|b", r"`a\|b`", id="cell"),
        pytest.param("a\n# b", "a # b", "`a # b`", id="line"),
        pytest.param("a_b*c<d>[e](f)", r"a\_b\*c\<d>\[e](f)", "`a_b*c<d>[e](f)`", id="markup"),
        pytest.param("a`b", r"a\`b", "`a'b`", id="tick"),
    ],
)
def test_markdown_shows_text_literally(words, text, code):
    assert (markdown_text(words), markdown_code(words)) == (text, code)


def test_a_template_may_include_a_file_of_another_package():
    source = template("mien.exploration", "page.html.j2").environment.loader.get_source(
        None, "mien.figures/page.css"
    )
    assert "--paper" in source[0]
