"""The help of every command: groups in one order, paragraphs, and no defaults that say nothing."""

import re

import pytest

from mien.cli.app import build_app, run
from mien.cli.help_format import shown_default

GROUPS = [
    "Commands",
    "Arguments",
    "Parameters",
    "Tuning",
    "Data",
    "Training",
    "Evaluation",
    "Bundle",
    "Figures",
]
ORDER = [*GROUPS, "Network", "Limits", "Output", "Site", "Video", "Recognition", "Detection", "Completion"]


def help_of(capsys, monkeypatch, *command):
    monkeypatch.setenv("COLUMNS", "100")
    assert run([*command, "--help"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "groups"),
    [
        ("", ["Commands", "Completion"]),
        ("predict", ["Arguments", "Output", "Video", "Recognition", "Detection"]),
        ("merge", ["Arguments", "Output"]),
        ("webcam", ["Arguments", "Output", "Video", "Recognition", "Detection"]),
        ("serve", ["Network", "Limits", "Output", "Recognition", "Detection"]),
        ("train", ["Parameters", "Data", "Training", "Output"]),
        ("tune", ["Commands", "Parameters", "Tuning", "Data", "Training", "Output"]),
        ("tune show", ["Arguments", "Output"]),
        ("tune lr", ["Parameters", "Tuning", "Data", "Training", "Output"]),
        ("evaluate", ["Arguments", "Data", "Evaluation", "Output"]),
        ("export", ["Arguments", "Data", "Bundle", "Output", "Site"]),
        ("explore", ["Arguments", "Data", "Figures", "Output"]),
        ("data info", ["Arguments", "Data", "Output"]),
        ("data convert", ["Arguments", "Data", "Output"]),
        ("data crop", ["Arguments", "Output", "Video", "Detection"]),
        ("data download", ["Data", "Output"]),
        ("bundle info", ["Arguments", "Output"]),
        ("bundle card", ["Arguments", "Data", "Output"]),
    ],
)
def test_options_are_grouped_in_one_order(capsys, monkeypatch, command, groups):
    text = help_of(capsys, monkeypatch, *command.split())
    found = re.findall(r"^╭─ (\w+) ─", text, re.MULTILINE)
    assert found == groups == sorted(groups, key=ORDER.index)
    assert text.startswith("Usage: mien")
    assert "default: None" not in text
    assert "default: False" not in text


def test_lines_are_wrapped_to_the_terminal(capsys, monkeypatch):
    text = help_of(capsys, monkeypatch, "data", "crop")
    assert "The folders of SOURCE are kept. crops.csv" in re.sub(r"\s+", " ", text)
    lines = text.split("The crops are PNG")[1].split("\n\n")[0].splitlines()
    assert all(len(line) > 75 for line in lines[:-1])


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (False, None), (True, None), ((), None), ("", None), (0.0, None), (float("inf"), None),
     ("auto", "auto"), (("a", "b"), "a, b"), (3, "3"), (0.5, "0.5")],
)  # fmt: skip
def test_defaults_that_say_something_are_shown(value, expected):
    assert shown_default(value) == expected


def test_the_help_of_a_command_begins_with_its_docstring(capsys, monkeypatch):
    text = " ".join(help_of(capsys, monkeypatch, "predict").split())
    assert (
        "data sets of faces, videos and streams. Prints a table unless another output is requested." in text
    )
    assert "Ctrl-C keeps the results so far. ╭─ Arguments" in text
    assert "Images, folders" not in text.partition("╭─ Arguments")[0]


def test_the_list_of_commands_has_one_line_for_each(capsys, monkeypatch):
    assert "Prints a table" not in help_of(capsys, monkeypatch)
    assert "Summarize, convert and download data sets." in help_of(capsys, monkeypatch, "data")


def kinds_of(app):
    """Yield the name of each option of a command and of those below it, and what kind of value it takes."""
    for name in app:
        if not name.startswith("-"):
            yield from kinds_of(app[name])
    for argument in app.assemble_argument_collection() if app.default_command else ():
        hint = str(argument.hint)
        kinds = {"Literal": "choice", "bool": "flag", "int": "number", "float": "number"}
        kind = next((kind for word, kind in kinds.items() if word in hint), "words")
        yield from ((name, kind) for name in argument.names if name.startswith("--"))


def test_an_option_takes_the_same_kind_of_value_in_all_commands():
    kinds = {}
    for name, kind in kinds_of(build_app()):
        kinds.setdefault(name, set()).add(kind)
    # mien predict continues the files of --output, mien train the run folder that it is given.
    assert kinds.pop("--resume") == {"flag", "words"}
    assert {name for name, found in kinds.items() if len(found) > 1} == set()
    assert len(kinds) > 100
