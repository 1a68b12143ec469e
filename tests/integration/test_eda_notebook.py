import base64
import os
import sys
from pathlib import Path

import cv2
import nbformat
import numpy as np
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "eda.ipynb"


class ThisPython(AsyncKernelManager):
    """Starts the kernel with the interpreter of the tests, whatever kernels are installed."""

    @property
    def kernel_spec(self):
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            env=dict(os.environ, MPLBACKEND="agg"),
            language="python",
        )


@pytest.fixture(scope="module")
def executed():
    """The notebook as it is after running it; a cell that raises fails the test."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_manager_class=ThisPython,
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
    )
    client.execute()
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebook_is_committed_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(notebook))


def test_every_figure_is_shown(executed):
    pictures = [
        output.data["image/png"]
        for cell in code_cells(executed)
        for output in cell.outputs
        if output.output_type in ("display_data", "execute_result") and "image/png" in output.data
    ]
    assert len(pictures) == 8
    for picture in pictures:
        decoded = cv2.imdecode(np.frombuffer(base64.b64decode(picture), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert decoded.shape[1] > 300
        assert decoded.std() > 10


def test_nothing_is_written_to_stderr(executed):
    said = [
        output.text
        for cell in code_cells(executed)
        for output in cell.outputs
        if output.get("name") == "stderr"
    ]
    assert not said


def test_the_page_is_written(executed):
    assert code_cells(executed)[-1].outputs[0].text.startswith("index.html ")
