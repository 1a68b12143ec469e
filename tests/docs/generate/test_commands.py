import pytest

from generate import commands
from mien.cli.app import COMMANDS


@pytest.fixture(scope="module")
def pages():
    return commands.pages(
        {"guides/a.md": "# A guide\n\n    mien webcam\n", "start.md": "# Start\n\nmien webcam\n"}
    )


def test_each_command_has_a_page_and_a_line_in_the_index(pages):
    names = [name for name, *_ in COMMANDS]
    assert sorted(pages) == sorted(f"reference/commands/{name}.md" for name in ["index", *names])
    assert all(f"[`mien {name}`]({name}.md)" in pages["reference/commands/index.md"] for name in names)


def test_subcommands_are_sections(pages):
    page = pages["reference/commands/data.md"]
    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        f"## mien data {name}" for name in ("convert", "crop", "download", "info")
    ]
    assert "[`mien data info`](#mien-data-info)" in page


def test_options_have_text_default_and_anchor(pages):
    page = pages["reference/commands/predict.md"]
    assert '<a id="predict-every"></a>`--every INT`\n:   Process each n-th frame only. Default: `1`.' in page
    assert "Choices: `auto`, `window`" in pages["reference/commands/webcam.md"]
    assert "`--output`, `-o PATH` *(required)*" in pages["reference/commands/merge.md"]


def test_a_page_begins_with_the_whole_docstring(pages):
    page = pages["reference/commands/predict.md"]
    assert "Ctrl-C keeps the results so far." in page.partition("```text")[0]


def test_options_in_texts_are_links(pages):
    assert "only with [`--force`](#predict-force)" in pages["reference/commands/predict.md"]


def test_usage_names_the_arguments(pages):
    assert "\nmien predict [OPTIONS] [INPUTS...]\n" in pages["reference/commands/predict.md"]
    assert "\nmien data convert [OPTIONS] SOURCE DEST\n" in pages["reference/commands/data.md"]


def test_pages_link_to_guides_that_use_the_command(pages):
    assert pages["reference/commands/webcam.md"].endswith("## Guides\n\n- [A guide](../../guides/a.md)")
    assert "## Guides" not in pages["reference/commands/merge.md"]
