"""An installed package adds a network, a loss, a detector and an output format."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PARTS = ("network.kind=separable", "loss.kind=center")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Install the example into a folder of its own, beside the packages of this environment."""
    folder = tmp_path_factory.mktemp("plugin")
    source = folder / "source"
    subprocess.run(["cp", "-r", str(ROOT / "examples" / "plugin"), str(source)], check=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
    ]
    subprocess.run([*pip, "--target", str(folder / "site"), str(source)], check=True, timeout=120)
    paths = [str(folder / "site"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


@pytest.fixture(scope="module")
def run(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train the plugin's network with its loss from the command line."""
    path = tmp_path_factory.mktemp("runs") / "run"
    mien(
        environment, "train", "demo", "--data", "synthetic:210", "-o", str(path),
        "--set", PARTS[0], "--set", PARTS[1], "--set", "train.epochs=1", "--no-report",
    )  # fmt: skip
    return path


def mien(environment: dict[str, str], *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mien", *words], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def test_a_recipe_with_its_parts_is_shown(environment: dict[str, str]) -> None:
    text = mien(environment, "recipes", "show", "demo", "--set", PARTS[0], "--set", PARTS[1])
    assert "kind: separable" in text
    assert "kind: center" in text


def test_errors_suggest_its_keys(environment: dict[str, str]) -> None:
    error = mien(environment, "recipes", "show", "demo", "--set", PARTS[1], "--set", "loss.wight=1", code=2)
    assert "did you mean 'loss.weight'?" in error


def test_its_network_and_loss_are_trained_and_exported(environment: dict[str, str], run: Path) -> None:
    assert "separable" in (run / "recipe.yaml").read_text()
    bundle = run.parent / "separable.onnx"
    mien(environment, "export", str(run), "--int8", "-o", str(bundle))
    assert bundle.stat().st_size > 0
    # The bundle doesn't need the plugin.
    others = {**environment, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    assert mien(others, "predict", "synthetic:2", "--bundle", str(bundle), "--csv").count("\n") == 3


def test_a_run_without_the_plugin_is_one_clear_line(environment: dict[str, str], run: Path) -> None:
    others = {**environment, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    error = mien(others, "export", str(run), "-o", str(run.parent / "x.onnx"), code=2)
    assert "no network 'separable'" in error


def test_its_detector_and_its_output_format_are_used(environment: dict[str, str], tmp_path: Path) -> None:
    Image.new("RGB", (90, 60), (120, 90, 80)).save(tmp_path / "photo.png")
    output = tmp_path / "faces.labels"
    words = ("predict", str(tmp_path / "photo.png"), "--detector", "middle", "-o", str(output))
    mien(environment, *words)
    source, label = output.read_text().rstrip("\n").split("\t")
    assert source.endswith("photo.png")
    assert label
    assert mien(environment, *words[:4], "--format", "labels") == f"{source}\t{label}\n"
