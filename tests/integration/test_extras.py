"""What works with which extras: a subprocess in which other packages are not installed."""

import json
import subprocess
import sys

import pytest

from builders import predictions
from mien.predictions_file import write_predictions
from training_builders import tiny_run, without_digests

TRAIN = ("torch", "lightning_fabric", "safetensors", "onnxscript", "filelock")
"""Packages of the extra `train` that `report` does not install."""

REPORT = ("jinja2", "matplotlib")


NO_FIGURES = "from mien.evaluation import report; report.draw_figures = lambda *_: {}"
COARSE = "from mien.figures import encode; encode.DOTS_PER_INCH = 40"


def mien_without(packages, *arguments, cwd, before="pass"):
    """Run a command of mien where `packages` can't be imported, after the statements `before`."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({packages!r})); {before}; "
        "from mien.cli.app import main; main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


@pytest.mark.parametrize(
    ("arguments", "page"),
    [
        (["evaluate", "small", "--data", "synthetic:70", "--split", "test", "-o", "out"], "report.html"),
        (["explore", "synthetic:70", "-o", "out"], "index.html"),
    ],
)
def test_reports_need_only_the_extra_report(arguments, page, tmp_path):
    done = mien_without(TRAIN, *arguments, cwd=tmp_path, before=COARSE)
    assert done.returncode == 0, done.stderr
    assert "<svg " in (tmp_path / "out" / page).read_text(encoding="utf-8")


def test_saved_predictions_of_a_run_need_neither_recipe_nor_torch(tmp_path):
    run = tiny_run(tmp_path / "net")
    write_predictions(run.path / "predictions" / "validation.npz", predictions(system="net"))
    (run.path / "recipe.yaml").unlink()
    without_digests(run.path)
    done = mien_without(TRAIN, "evaluate", "net", "--json", cwd=tmp_path, before=NO_FIGURES)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["overall"]["n"] == 70


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "small", "--data", "synthetic:20", "--split", "all", "-o", "out"],
        ["explore", "synthetic:20", "-o", "out"],
    ],
)
def test_without_the_extra_report_it_is_named(arguments, tmp_path):
    done = mien_without((*TRAIN, *REPORT), *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "run pip install 'mien[report]'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_recognition_needs_no_extra(tmp_path):
    done = mien_without(
        (*TRAIN, *REPORT, "pandas", "pyarrow", "openvino"), "predict", "synthetic:1", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
