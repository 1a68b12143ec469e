"""The notebook that trains, evaluates, exports and recognizes runs as it is committed."""

import pytest

from notebooks import code_cells, displayed, errors_printed, execute, images, read

pytestmark = pytest.mark.slow

NOTEBOOK = "train.ipynb"


@pytest.fixture(scope="module")
def executed():
    return execute(NOTEBOOK)


def test_it_takes_about_a_dozen_lines():
    cells = [cell for cell in code_cells(read(NOTEBOOK)) if "%pip" not in cell.source]
    lines = [line for cell in cells for line in cell.source.splitlines() if line.strip()]
    assert len(lines) <= 16


def test_each_step_shows_its_result(executed):
    plain = [data["text/plain"] for data in displayed(executed)]
    assert plain[0].startswith("Run(")
    assert "2 epochs, best validation accuracy" in plain[0]
    assert "recall" in plain[1]
    assert [float(text) for text in plain if text.replace(".", "").replace("-", "").isdigit()] == [0.0]


def test_the_confusion_matrix_and_the_recognized_face_are_shown(executed):
    (confusion,) = images(executed)
    assert confusion.std() > 10
    assert "data:image/" in displayed(executed)[-1]["text/html"]


def test_nothing_is_written_to_stderr(executed):
    assert errors_printed(executed) == []
