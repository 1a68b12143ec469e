"""`import mien` is quick, and its names are imported on first use."""

import subprocess
import sys

import pytest

import mien


def modules_after(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_importing_it_imports_nothing_else():
    script = (
        "import sys\n"
        "import mien\n"
        "dir(mien), mien.__version__\n"
        "heavy = {'numpy', 'cv2', 'PIL', 'onnx', 'pydantic', 'rich', 'torch', 'logging'}\n"
        "print(sorted(heavy & set(sys.modules)), sorted(n for n in sys.modules if n.startswith('mien')))\n"
    )
    assert modules_after(script) == "[] ['mien', 'mien.lazy']\n"


@pytest.mark.parametrize(
    "names",
    [
        "load, Face, Result, Recognizer, Bundle, read_bundle, draw",
        "read_faces, FaceSet, Recipe, read_recipe, list_recipes, Callback, MienError",
        "train, resume, Run, Predictions, Evaluation, Comparison, compare, evaluate, export",
    ],
)
def test_names_are_had_without_torch(names):
    script = f"import sys\nfrom mien import {names}\nprint({{'torch', 'matplotlib'}} & set(sys.modules))"
    assert modules_after(script) == "set()\n"


def test_all_is_complete_sorted_and_resolves():
    assert list(mien.__all__) == sorted(mien.__all__)
    assert set(mien.__all__) <= set(dir(mien))
    for name in mien.__all__:
        value = getattr(mien, name)
        if name != "__version__":
            assert value.__name__ == name
            assert value.__doc__, name


def test_all_names_every_error():
    found = {name: value for name, value in vars(mien.errors).items() if isinstance(value, type)}
    errors = {name for name, value in found.items() if issubclass(value, Exception)}
    assert errors <= set(mien.__all__)


def test_what_it_does_not_offer():
    with pytest.raises(AttributeError, match="module 'mien' has no attribute 'laod'"):
        _ = mien.laod
