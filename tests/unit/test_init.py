"""`import mien` costs nothing, and what it offers is there when it is asked for."""

import subprocess
import sys

import pytest

import mien
from mien.recognition.face import Face, Result
from mien.recognition.load import load
from mien.recognition.recognizer import Recognizer


def test_importing_it_imports_nothing_else():
    script = (
        "import sys\n"
        "import mien\n"
        "dir(mien), mien.__version__\n"
        "heavy = {'numpy', 'cv2', 'PIL', 'onnx', 'pydantic', 'rich', 'torch', 'logging'}\n"
        "print(sorted(heavy & set(sys.modules)), sorted(n for n in sys.modules if n.startswith('mien')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[] ['mien', 'mien.lazy']\n"


def test_recognizing_from_python_imports_no_torch():
    script = "import sys, mien\nmien.load, mien.Face\nprint({'torch', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "set()\n"


def test_what_it_offers_is_what_lies_deeper():
    assert mien.load is load
    assert (mien.Recognizer, mien.Face, mien.Result) == (Recognizer, Face, Result)
    assert {"load", "Recognizer", "Face", "Result", "__version__"} <= set(dir(mien))
    assert sorted(mien.__all__) == ["Face", "Recognizer", "Result", "__version__", "draw", "load"]


def test_what_it_does_not_offer():
    with pytest.raises(AttributeError, match="module 'mien' has no attribute 'laod'"):
        _ = mien.laod
