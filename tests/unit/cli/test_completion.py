"""Shell completion: scripts, their installation, and the values that they offer."""

from types import SimpleNamespace

import pytest

from mien.bundles.reading import shipped_names
from mien.cli import candidates, completion
from mien.cli.app import COMMANDS, build_app, run
from mien.config import list_recipes
from mien.detection.factory import DETECTORS


def completed(capsys, *words):
    """Return what is offered for the last word."""
    capsys.readouterr()
    assert run(["__complete", *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [line.split("\t")[0] for line in lines if not line.startswith("\x1f")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "a folder").mkdir()
    (tmp_path / "mine.onnx").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_names_of_parts_are_offered(folder, capsys):
    assert {*completed(capsys, "predict", "--detector", "")} >= {*DETECTORS.names()}
    assert {*completed(capsys, "predict", "--engine", "")} >= {"auto", "onnx"}
    assert {*completed(capsys, "predict", "--format", "")} >= {"json", "csv"}
    assert {*completed(capsys, "train", "")} >= {*list_recipes()}
    assert {*completed(capsys, "predict", "--bundle", "")} >= {*shipped_names(), "mine.onnx", "a folder/"}


@pytest.mark.parametrize(
    ("start", "expected"),
    [("", ["a folder/", "mine.onnx"]), ("m", ["mine.onnx"]), ("a folder/", []), ("nowhere/x", [])],
)
def test_files_are_offered(folder, start, expected):
    found = candidates.recipes(SimpleNamespace(incomplete=start))
    assert [name for name in found if name not in list_recipes()] == expected


def test_the_prefix_of_a_path_is_kept_as_typed(folder):
    found = candidates.bundles(SimpleNamespace(incomplete=f"{folder}/mi"))
    assert f"{folder}/mine.onnx" in found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_script_knows_all_commands(shell):
    script = build_app().generate_completion(shell=shell)
    assert all(name in script for name, *_ in COMMANDS)
    assert "any-orientation" in script


def test_it_is_installed_and_printed(folder, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(folder))
    assert run(["--install-completion", "--shell", "bash"]) == 0
    path = folder / ".local/share/bash-completion/completions/mien"
    assert str(path) in capsys.readouterr().out
    assert str(path) in (folder / ".bashrc").read_text()
    assert run(["--show-completion", "--shell", "bash"]) == 0
    assert capsys.readouterr().out.rstrip() == path.read_text().rstrip()


def test_an_unknown_shell_is_one_line(monkeypatch, capsys):
    def fail():
        raise completion.ShellDetectionError

    monkeypatch.setattr(completion, "detect_shell", fail)
    assert run(["--install-completion"]) == 2
    assert (
        capsys.readouterr().err == "mien: the shell is unknown; give --shell bash, zsh, fish or powershell\n"
    )
