import pytest

from generate.blocks import blocks_of


@pytest.fixture
def blocks(tmp_path):
    def read(text):
        path = tmp_path / "page.md"
        path.write_text(text)
        return blocks_of(path)

    return read


def test_fenced_blocks_with_language_and_line(blocks):
    (block,) = blocks("# A\n\n```python\nimport mien\n```\n")
    assert (block.language, block.line, block.text, block.is_run) == ("python", 3, "import mien", True)


def test_a_comment_above_marks_a_block(blocks):
    first, second = blocks("<!-- not run: needs a webcam -->\n```bash\na\n```\n\n```bash\nb\n```\n")
    assert (first.reason, first.is_run) == ("needs a webcam", False)
    assert (second.reason, second.is_run) == ("", True)


def test_a_comment_further_above_marks_nothing(blocks):
    (block,) = blocks("<!-- not run: x -->\nSome text.\n\n```bash\na\n```\n")
    assert block.is_run


def test_output_is_not_run(blocks):
    (block,) = blocks("```text\na\n```\n")
    assert not block.is_run


def test_fences_in_lists_and_tabs_lose_their_indentation(blocks):
    (block,) = blocks('=== "Linux"\n\n    ```bash\n    a\n      b\n    ```\n')
    assert block.text == "a\n  b"


def test_indented_blocks_have_no_language(blocks):
    (block,) = blocks("Text:\n\n    mien train\n\nMore.\n")
    assert (block.language, block.text, block.line) == ("", "    mien train\n", 3)


def test_indented_text_of_lists_is_no_block(blocks):
    assert blocks("- a\n\n    b\n\n- c\n") == []
