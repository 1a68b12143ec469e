"""Optional imports."""

import subprocess
import sys

import numpy as np
import pytest

from mien.errors import MissingExtraError
from mien.optional import import_optional, named_extras
from training_builders import tiny_run


def test_an_installed_module_is_returned():
    assert import_optional("numpy", "train") is np


def test_a_missing_package_is_an_error_that_names_the_extra():
    with pytest.raises(MissingExtraError, match=r"'no_such_package': run pip install 'mien\[frame\]'"):
        import_optional("no_such_package.part", "frame")


def test_a_missing_module_of_mien_is_a_defect():
    with pytest.raises(ModuleNotFoundError, match=r"mien\.nothing"):
        import_optional("mien.nothing", "frame")


def test_a_function_names_the_extras_that_it_needs():
    @named_extras()
    def failing(package):
        raise ModuleNotFoundError("no", name=package)

    with pytest.raises(MissingExtraError, match=r"'lightning-fabric': run pip install 'mien\[train\]'"):
        failing("lightning_fabric.utilities")
    with pytest.raises(ModuleNotFoundError, match="no"):
        failing("mien.typo")


def test_without_torch_the_api_names_the_extra(tmp_path):
    tiny_run(tmp_path / "net", source="synthetic:70")
    calls = [
        "mien.train('demo', data='synthetic:70', out='new')",
        "mien.resume('net')",
        "mien.Run('net').resume()",
        "mien.export('net', out='a.onnx')",
        "mien.Run('net').evaluate('test')",
        "mien.read_recipe('demo')",
        "mien.evaluate('net', split='test')",
        "mien.compare('net', 'small')",
    ]
    code = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
import mien
for call in {calls!r}:
    try:
        print(call, eval(call))
    except mien.MissingExtraError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    line = "this needs the package 'torch': run pip install 'mien[train]'\n"
    assert done.stdout == line * len(calls), done.stderr
    assert not (tmp_path / "new").exists()
