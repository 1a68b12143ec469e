import os
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path
from types import ModuleType

import pytest

from mien import __version__
from mien.cli import app as program
from mien.cli.app import COMMANDS, build_app, main, run, with_options
from mien.errors import DataError
from mien.optional import EXTRA_OF

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


@pytest.fixture
def command(monkeypatch):
    """Return a function that makes `mien data` do whatever it is given."""

    def stand_in(behave):
        module = ModuleType("stand_in")
        module.behave = behave
        monkeypatch.setitem(sys.modules, "stand_in", module)
        monkeypatch.setattr(program, "COMMANDS", (("data", "stand_in:behave", "A stand-in."),))

    return stand_in


def mien(*arguments, **options):
    words = [sys.executable, "-m", "mien", *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, **options)


def raising(error):
    def behave():
        raise error

    return behave


def test_help_lists_the_commands(capsys):
    assert run(["--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for name, _, text in COMMANDS:
        assert f"{name} " in out
        assert text[:20] in out


def test_help_survives_commands_that_cannot_be_imported(monkeypatch, capsys):
    monkeypatch.setattr(program, "COMMANDS", (("train", "mien.no.such:thing", "Train."),))
    assert run(["--help"]) == 0
    assert "Train." in capsys.readouterr().out


def test_no_arguments_show_the_help(capsys):
    assert run([]) == 0
    assert "Usage: mien COMMAND" in capsys.readouterr().out


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("trian", "no command 'trian' (did you mean 'train'?); the commands are predict, merge, webcam, "),
        ("zzz", "no command 'zzz'; the commands are"),
        ("--zzz", "no option '--zzz'; the commands are"),
        ("data zzz", 'Unknown command "zzz".'),
        ("data info drawn --zzz", "--zzz"),
        ("data info drawn --jsno", "Did you mean --json?"),
        ("data info", "SOURCE requires an argument"),
        ("data download --edition zzz", '"zzz"'),
        ("data info drawn:nonsense", "drawn:nonsense"),
        ("data info /no/such/file.csv", "/no/such/file.csv"),
    ],
)
def test_user_errors_are_one_line_and_code_2(line, message, capsys):
    assert run(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("mien: ")
    assert err.count("\n") == 1
    assert message in err


def test_usage_errors_point_to_the_help_of_the_command(capsys):
    run(["data", "info"])
    assert "See mien data info --help." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (DataError("x.csv: row 3: 256"), 2, "mien: x.csv: row 3: 256\n"),
        (DataError("two\n  lines"), 2, "mien: two lines\n"),
        (PermissionError(13, "Permission denied", "/x"), 2, "mien: [Errno 13] Permission denied: '/x'\n"),
        (KeyboardInterrupt(), 130, "mien: interrupted\n"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), 2, "mien[train]"),
        (ModuleNotFoundError("No module", name="lightning_fabric.utilities"), 2, "'lightning-fabric'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_become_one_line(command, capsys, error, code, line):
    command(raising(error))
    assert run(["data"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert line in err
    assert err.count("\n") == 1


def test_a_missing_extra_is_named(monkeypatch, capsys, tmp_path):
    (tmp_path / "needs_torch.py").write_text("raise ModuleNotFoundError('no', name='torch')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(program, "COMMANDS", (("train", "needs_torch:train", "Train."),))
    assert run(["train"]) == 2
    assert capsys.readouterr().err == "mien: this needs the package 'torch': run pip install 'mien[train]'\n"


@pytest.mark.parametrize(
    "error", [TypeError("a defect"), ModuleNotFoundError("no", name="mien.typo"), ImportError("no such name")]
)
def test_defects_are_not_hidden(command, error):
    command(raising(error))
    with pytest.raises(type(error)):
        run(["data"])


@pytest.mark.parametrize(
    "line", ["--debug data info /no.csv", "data --debug info /no.csv", "data info /no.csv --debug"]
)
def test_debug_anywhere_gives_the_traceback(line, capsys):
    assert run(line.split()) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1].startswith("mien: /no.csv")


def test_words_after_two_dashes_are_no_options(capsys):
    assert run(["data", "info", "--", "--debug"]) == 2
    assert capsys.readouterr().err.startswith("mien: --debug")


def test_a_warning_is_one_line_on_stderr(command, capsys):
    def behave():
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("mind\nthis", UserWarning, stacklevel=1)

    command(behave)
    assert run(["data"]) == 0
    assert capsys.readouterr().err == "mien: warning: mind this\n"


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_a_command_may_return_its_exit_code_and_nothing_is_printed(command, capsys, returned, code):
    command(lambda: returned)
    assert run(["data"]) == code
    assert capsys.readouterr() == ("", "")


def test_main_exits_with_the_code(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["mien", "zzz"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2


def test_the_module_is_the_program():
    done = mien("zzz")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mien: no command 'zzz'")


@pytest.mark.parametrize(
    "arguments", [["data", "info", "synthetic:70"], ["data", "info", "synthetic:70", "--json"], ["--help"]]
)
def test_a_closed_pipe_is_no_error(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "mien", *arguments]
    done = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_extras_are_those_of_the_project():
    extras = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for package, extra in EXTRA_OF.values():
        assert any(line.lower().startswith(package.lower()) for line in extras[extra])


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("pass data=... with the same faces", "pass --data with the same faces"),
        ("pass skip_bad=True to skip them", "pass --skip-bad to skip them"),
        ("pass data=... and split=...", "pass --data and --split"),
        ("pass out=... for another folder", "pass --output for another folder"),
        ("train.report_tta=True, network.width=2", "train.report_tta=True, network.width=2"),
    ],
)
def test_keyword_arguments_of_a_message_become_options(command, capsys, message, expected):
    command(raising(DataError(message)))
    assert run(["data"]) == 2
    assert capsys.readouterr().err == f"mien: {expected}\n"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("pass data=... or set data.targets=labels", "pass --data or set data.targets=labels"),
        ("skip_bad=True skips such rows", "--skip-bad skips such rows"),
        ("pass out=... to write it", "pass --output to write it"),
        ("pass ferplus=fer2013new.csv, or else", "pass --ferplus fer2013new.csv, or else"),
        ("set train.epochs=3", "set train.epochs=3"),
        ("trials=0, expected a whole number, or None", "trials is 0, expected a whole number"),
        ("count=-1, expected a whole number", "count is -1, expected a whole number"),
        ("train.epochs=0, expected a number, or None", "train.epochs=0, expected a number, or None"),
    ],
)
def test_keyword_arguments_in_messages_become_options(message: str, said: str) -> None:
    assert with_options(message) == said


@pytest.mark.parametrize("name", ["[ab].csv", "{}.csv", '["a"].csv'])
def test_a_name_that_looks_like_json_is_a_name(name: str) -> None:
    _, bound, _ = build_app().parse_args(["webcam", f"--output={name}"], exit_on_error=False)
    assert bound.arguments["output"] == (Path(name),)
