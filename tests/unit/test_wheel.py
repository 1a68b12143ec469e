import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import mien
from wheel_contents import ROOT, package_files, problems, problems_of_names


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of the source tree."""
    folder = tmp_path_factory.mktemp("dist")
    return Path(next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def test_all_files_of_the_package_and_no_others_are_selected_for_the_wheel():
    selected = [
        Path(file.distribution_path).as_posix() for file in WheelBuilder(str(ROOT)).recurse_included_files()
    ]

    assert problems_of_names(selected) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("mien/bundles/shipped/small.onnx", "missing"),
        ("mien/recipes/fast.yaml", "missing"),
        ("tests/conftest.py", "not in the source tree"),
        ("mien/__pycache__/a.cpython-311.pyc", "unknown kind of file"),
    ],
)
def test_missing_and_foreign_files_are_named(name, problem):
    assert f"{name}: {problem}" in problems_of_names(package_files() ^ {name})


@pytest.mark.slow
def test_a_wheel_has_the_package_metadata_and_licenses(wheel):
    assert problems(wheel) == []


@pytest.mark.slow
def test_an_installed_wheel_recognizes_faces_offline(wheel, tmp_path):
    """In an environment with the dependencies of this one, but without the source tree."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    folder = sysconfig.get_path("purelib", vars={"base": str(tmp_path / "venv")})
    shutil.unpack_archive(wheel, folder, "zip")
    (Path(folder) / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    run = subprocess.run(
        [python, ROOT / "tests" / "installed.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"mien {mien.__version__} in {folder}")
