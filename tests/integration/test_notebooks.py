"""The notebooks of `examples` run as they are committed."""

import json
import tomllib

import pytest

from notebooks import EXAMPLES, code_cells, displayed, errors_printed, execute, images

NAMES = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))


def committed(name):
    """Return the cells of a notebook, each with its source as one string; reading them needs no Jupyter."""
    cells = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in cells]


def committed_code(name):
    """Return the cells with code."""
    return [cell for cell in committed(name) if cell["cell_type"] == "code"]


def printed(notebook):
    """Return what was written to standard output."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return "".join(output.text for output in outputs if output.get("name") == "stdout")


def test_there_is_one_for_each_task():
    assert {"recognize", "train", "own-classes", "explain", "audit"} <= {name[:-6] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_committed_without_outputs(name):
    assert not any(cell["outputs"] or cell["execution_count"] for cell in committed_code(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_badge_opens_it_in_a_hosted_notebook(name, repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    owner = project["urls"]["Source"].removeprefix("https://github.com/")
    address = f"https://colab.research.google.com/github/{owner}/blob/main/examples/{name}"
    assert f"]({address})" in committed(name)[0]["source"]


@pytest.mark.parametrize("name", NAMES)
def test_a_hosted_notebook_installs_mien(name):
    first = committed_code(name)[0]["source"]
    assert "except ModuleNotFoundError:" in first
    assert '%pip install --quiet "mien[' in first


@pytest.mark.slow
def test_recognize():
    notebook = execute("recognize.ipynb")
    assert errors_printed(notebook) == []
    text = printed(notebook)
    assert all(label in text for label in ("happy", "surprise", "sad"))
    assert "face 1, happy" in text
    assert "data:image/png" in displayed(notebook)[0]["text/html"]


@pytest.mark.slow
def test_own_classes():
    notebook = execute("own-classes.ipynb")
    assert errors_printed(notebook) == []
    assert "80 faces of ('serious', 'smiling')" in printed(notebook)
    assert len(images(notebook)) >= 1
    assert "smiling" in displayed(notebook)[-1]["text/plain"]


@pytest.mark.slow
def test_explain():
    notebook = execute("explain.ipynb")
    assert errors_printed(notebook) == []
    assert "happy - " in printed(notebook)
    assert "MapChecks(faces=2" in displayed(notebook)[-1]["text/plain"]


@pytest.mark.slow
def test_audit():
    notebook = execute("audit.ipynb")
    assert errors_printed(notebook) == []
    found, planted = printed(notebook).split(" planted label errors found")[0].split(" of ")
    assert int(found) >= int(planted) / 4  # about half, on most machines
    assert "'duplicate'" in displayed(notebook)[0]["text/plain"]
