"""An installed package adds a network, a loss, a detector and an output format."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from mien.cli.app import run as cli

ROOT = Path(__file__).parents[2]
PARTS = ("--set", "network.kind=separable", "--set", "loss.kind=center")
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation")

Mien = Callable[..., str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example into a folder of its own."""
    folder = tmp_path_factory.mktemp("plugin")
    source = folder / "source"
    subprocess.run(["cp", "-r", str(ROOT / "examples" / "plugin"), str(source)], check=True)
    subprocess.run([*PIP, "--target", str(folder / "site"), str(source)], check=True, timeout=120)
    return folder / "site"


@contextmanager
def on_the_path(site: Path) -> Iterator[None]:
    """Add the folder to the packages of this environment."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(site)):
            del sys.modules[name]


@pytest.fixture
def installed(site: Path) -> Iterator[None]:
    """The plugin is installed during a test."""
    with on_the_path(site):
        yield


@pytest.fixture
def mien(capsys: pytest.CaptureFixture[str]) -> Mien:
    """A function that runs a command and returns its output, or its error if it expects one."""

    def mien(*words: object, code: int = 0) -> str:
        assert cli([str(word) for word in words]) == code, capsys.readouterr().err
        out, err = capsys.readouterr()
        return out if code == 0 else err

    return mien


@pytest.fixture(scope="module")
def run(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the plugin's network with its loss."""
    path = tmp_path_factory.mktemp("runs") / "run"
    words = ("train", "demo", "--data", "synthetic:210", "-o", path, *PARTS, "--epochs", 1, "--no-report")
    with on_the_path(site):
        assert cli([str(word) for word in words]) == 0
    return path


@pytest.fixture(scope="module")
def bundle(site: Path, run: Path, conversions: None) -> Path:
    """The bundle of the run."""
    path = run.parent / "separable.onnx"
    with on_the_path(site):
        assert cli(["export", str(run), "--int8", "-o", str(path)]) == 0
    return path


@pytest.mark.usefixtures("installed")
def test_a_recipe_with_its_parts_is_shown(mien: Mien) -> None:
    text = mien("recipes", "show", "demo", *PARTS)
    assert "kind: separable" in text
    assert "kind: center" in text


@pytest.mark.usefixtures("installed")
def test_errors_suggest_its_keys(mien: Mien) -> None:
    error = mien("recipes", "show", "demo", *PARTS[2:], "--set", "loss.wight=1", code=2)
    assert "did you mean 'loss.weight'?" in error


def test_its_network_and_loss_are_trained_and_exported(run: Path, bundle: Path) -> None:
    assert "separable" in (run / "recipe.yaml").read_text()
    assert bundle.stat().st_size > 0


def test_the_bundle_does_not_need_the_plugin(mien: Mien, bundle: Path) -> None:
    assert mien("predict", "synthetic:2", "--bundle", bundle, "--csv").count("\n") == 3


def test_a_run_without_the_plugin_is_one_clear_line(mien: Mien, run: Path) -> None:
    error = mien("export", run, "-o", run.parent / "x.onnx", code=2)
    assert "no network 'separable'" in error


@pytest.mark.usefixtures("installed")
def test_its_detector_and_its_output_format_are_used(mien: Mien, tmp_path: Path) -> None:
    Image.new("RGB", (90, 60), (120, 90, 80)).save(tmp_path / "photo.png")
    output = tmp_path / "faces.labels"
    words = ("predict", tmp_path / "photo.png", "--detector", "middle")
    mien(*words, "-o", output)
    source, label = output.read_text().rstrip("\n").split("\t")
    assert source.endswith("photo.png")
    assert label
    assert mien(*words, "--format", "labels") == f"{source}\t{label}\n"
