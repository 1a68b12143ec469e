import pytest

from generate.check_blocks import markdown_files, problems_of
from generate.repository import ROOT


@pytest.mark.parametrize("path", markdown_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_documentation_has_no_problems(path):
    assert list(problems_of(path)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```\na\n```", "language ''"),
        ("```bash\nmien runs --colour\n```", "no option --colour"),
        ("```bash\necho 'a\n```", "No closing quotation"),
        ("```python\nimport mien\nmien.nothing\n```", "no name mien.nothing"),
        ("```python\nmien.load()\n```", "mien is not defined"),
        ("```json\n{a}\n```", "not valid json"),
        ("```yaml\na: [\n```", "not valid yaml"),
        ("`mien train --fast`", "no option --fast"),
    ],
)
def test_problems_are_found(tmp_path, text, problem):
    path = tmp_path / "page.md"
    path.write_text(text)
    (found,) = problems_of(path)
    assert problem in found
    assert found.startswith(str(path))


def test_json_with_an_ellipsis_is_shortened(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("```json\n[1, …]\n```")
    assert list(problems_of(path)) == []
