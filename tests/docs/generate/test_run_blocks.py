import os

import pytest

from generate.run_blocks import run_page


@pytest.fixture
def run(tmp_path):
    samples = tmp_path / "samples"
    samples.mkdir()
    (samples / "name.txt").write_text("mien")

    def failures(text):
        page = tmp_path / "page.md"
        page.write_text(text)
        return list(run_page(page, samples, os.environ))

    return failures


def test_blocks_of_a_page_share_a_folder_and_an_interpreter(run):
    page = """\
```python
name = open("name.txt").read()
```

```bash
test "$(cat name.txt)" = mien
echo other > name.txt
```

```python
assert name == "mien"
assert open("name.txt").read() == "other\\n"
```
"""
    assert run(page) == []
    assert run('```bash\ntest "$(cat name.txt)" = mien\n```') == []  # the samples themselves are unchanged


def test_a_failure_has_its_place_and_its_last_lines(run):
    (shell,) = run("Text.\n\n```bash\necho first\nfalse\necho last\n```\n")
    assert shell.endswith("page.md:3: exit status 1\n    first")
    (python,) = run("```python\n1 / 0\n```\n")
    assert "page.md:1:" in python
    assert python.endswith("ZeroDivisionError: division by zero")


def test_marked_blocks_and_output_are_not_run(run):
    assert run("<!-- not run: it fails -->\n```bash\nfalse\n```\n\n```text\nfalse\n```\n") == []


@pytest.mark.parametrize("language", ["bash", "python"])
def test_a_block_that_takes_too_long_fails(run, monkeypatch, language):
    monkeypatch.setattr("generate.run_blocks.TIMEOUT", 0.5)
    code = {"bash": "sleep 30", "python": "import time\ntime.sleep(30)"}[language]
    (problem,) = run(f"```{language}\n{code}\n```\n")
    assert "took more than 0.5 s" in problem
