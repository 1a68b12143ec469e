import pytest

from mien.cli.app import run
from mien.cli.usage import with_current_options

LINES = {
    "predict a.png --json out.json": (
        "out.json: no such file; --json takes no file and prints to standard output; to write a file, use "
        "--output FILE"
    ),
    "predict a.png --csv=out.csv": (
        "--csv=out.csv: a value; --csv takes no file and prints to standard output; to write a file, use "
        "--output FILE. See mien predict --help."
    ),
    "predict a.png --quiet=x": "--quiet=x: a value; --quiet takes none. See mien predict --help.",
    "predict a.png --min-face abc": "--min-face 'abc': expected a number. See mien predict --help.",
    "predict a.png --max-faces abc": "--max-faces 'abc': expected a whole number. See mien predict --help.",
    "evaluate small --json out.json": (
        "unexpected 'out.json'; --json takes no file and prints to standard output; to write a file, use "
        "--json > FILE. See mien evaluate --help."
    ),
    "train demo --set train.epochs=1 train.seed=2": (
        "unexpected 'train.seed=2'; each value of the recipe needs its own --set: --set train.seed=2. See "
        "mien train --help."
    ),
    "bundle info small other": "unexpected 'other'. See mien bundle info --help.",
    "train --faces-limit x": "Unknown option: --faces-limit. Did you mean --faces? See mien train --help.",
    "train --out x": "Unknown option: --out. Did you mean --output? See mien train --help.",
}


@pytest.mark.parametrize("words", LINES)
def test_wrong_command_lines_are_one_clear_line(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").touch()
    assert run(words.split()) == 2
    assert capsys.readouterr().err == f"mien: {LINES[words]}\n"


@pytest.mark.parametrize(
    "words",
    [["predict", "--max-faces", "1.5"], ["train", "demo", "--epochs", "2.0"], ["serve", "--port", "8.1"]],
)
def test_fractions_are_no_whole_numbers(words, capsys):
    assert run(words) == 2
    assert f"{words[-2]} '{words[-1]}': expected a whole number" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--faces", "5"], ["--faces=5"]])
def test_a_deprecated_option_works_and_is_announced(option, capsys):
    words = ["bundle", "record", "a.onnx", "--data", "y", *option, "--", "--faces"]
    now = [word.replace("--faces", "--limit") for word in option]
    assert with_current_options(words) == [*words[:5], *now, "--", "--faces"]
    assert capsys.readouterr().err == "mien: --faces is deprecated; use --limit\n"
    assert run(["bundle", "record", "a.onnx", "--data", "y", "--faces", "x"]) == 2
    assert "--limit 'x': expected a whole number" in capsys.readouterr().err


def test_options_of_other_commands_keep_their_names(capsys):
    words = ["train", "fast", "--faces", "whole"]
    assert with_current_options(words) == words
    assert capsys.readouterr().err == ""
