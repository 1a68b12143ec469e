import pytest

from notebooks import code_cells, errors_printed, execute, images

pytestmark = pytest.mark.slow

NOTEBOOK = "eda.ipynb"


@pytest.fixture(scope="module")
def executed():
    return execute(NOTEBOOK)


def test_every_figure_is_shown(executed):
    figures = images(executed)
    assert len(figures) == 8
    for figure in figures:
        assert figure.shape[1] > 300
        assert figure.std() > 10


def test_nothing_is_written_to_stderr(executed):
    assert errors_printed(executed) == []


def test_the_page_is_written(executed):
    assert code_cells(executed)[-1].outputs[0].text.startswith("index.html ")
