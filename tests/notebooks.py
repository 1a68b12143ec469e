"""Execution of the example notebooks with the interpreter of the tests."""

import base64
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nbformat import NotebookNode

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def read(name: str) -> "NotebookNode":
    """Return a notebook of `examples` as it is committed."""
    import nbformat

    return nbformat.read(EXAMPLES / name, as_version=4)


def execute(name: str) -> "NotebookNode":
    """Return a notebook of `examples` with its outputs; a cell that raises is an error."""
    from nbclient import NotebookClient

    notebook = read(name)
    resources = {"metadata": {"path": str(EXAMPLES)}}
    manager = _manager_of_this_python()
    NotebookClient(notebook, timeout=600, kernel_manager_class=manager, resources=resources).execute()
    return notebook


def _manager_of_this_python() -> type:
    """Return a class that starts the kernel with the interpreter of the tests, whatever is installed."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class ThisPython(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(
                argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                env=dict(os.environ, MPLBACKEND="agg"),
                language="python",
            )

    return ThisPython


def code_cells(notebook: "NotebookNode") -> "list[NotebookNode]":
    """Return the cells with code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def images(notebook: "NotebookNode") -> list[NDArray[np.uint8]]:
    """Return the images that a notebook displays, gray."""
    found = [data["image/png"] for data in displayed(notebook) if "image/png" in data]
    return [
        cv2.imdecode(np.frombuffer(base64.b64decode(image), np.uint8), cv2.IMREAD_GRAYSCALE)
        for image in found
    ]


def displayed(notebook: "NotebookNode") -> list[dict[str, str]]:
    """Return the displayed values, each as its representations by type."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return [o.data for o in outputs if o.output_type in ("display_data", "execute_result")]


def errors_printed(notebook: "NotebookNode") -> list[str]:
    """Return what was written to standard error."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return [output.text for output in outputs if output.get("name") == "stderr"]
