"""`mien runs` and `mien runs compare`."""

import csv
import io
import json

import pytest

from mien.cli.app import run
from mien.console import Console
from mien.files.identify import RUN_COMPARISON, RUN_TABLE, identify
from run_builders import finished_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project") / "runs"
    finished_run(folder / "a", (0.25, 0.5), created="2026-01-01T00:00:00+00:00")
    finished_run(
        folder / "b", (0.5, 0.75, 0.625), ["train.epochs=4"], changes={"train.epochs": 4},
        created="2026-01-02T00:00:00+00:00",
    )  # fmt: skip
    finished_run(folder / "broken", created="2026-01-03T00:00:00+00:00")
    (folder / "broken" / "run.json").write_text("{")
    return folder


@pytest.fixture
def printed(capsys):
    def call(*words, code=0):
        assert run(["runs", *map(str, words)]) == code
        output = capsys.readouterr()
        return output.err if code else output.out

    return call


def test_runs_are_a_table_and_a_damaged_one_is_a_row(printed, folder):
    head, *lines, problem = printed(folder).splitlines()
    assert head.split()[:3] == ["run", "recipe", "changed"]
    assert [line.split()[0] for line in lines] == ["b", "a", "broken"]
    assert "train.epochs=4" in lines[0]
    assert "3/4" in lines[0]
    assert "75.0 % (" in lines[0]
    assert lines[0].endswith("interrupted")
    assert lines[1].endswith("finished")
    assert lines[2].endswith("damaged")
    assert problem.startswith("broken: run.json: damaged")


def test_a_narrow_terminal_leaves_columns_out(printed, folder, monkeypatch):
    monkeypatch.setattr(
        "mien.cli.run_tables.result_console", lambda: Console(width=100, highlight=False, markup=False)
    )
    head = printed(folder).splitlines()[0].split()
    assert head == ["run", "recipe", "changed", "epochs", "accuracy", "time", "state"]


def test_runs_is_the_folder_by_default(printed, folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert len(printed().splitlines()) == 5


def test_runs_are_filtered_sorted_and_printed_as_json_and_csv(printed, folder, tmp_path):
    rows = json.loads(printed(folder, "--json", "--where", "state!=damaged", "--sort", "accuracy"))
    assert [(row["name"], row["accuracy"]) for row in rows] == [("b", 0.75), ("a", 0.5)]
    text = printed(folder, "--csv", "--column", "optimizer.lr", "--limit", "1", "--sort", "name")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["name"], row["state"], row["optimizer.lr"]) == ("a", "finished", "0.01")
    for name, words in (("list.csv", "--csv"), ("list.json", "--json")):
        (tmp_path / name).write_text(printed(folder, words))
        assert identify(tmp_path / name) is RUN_TABLE


def test_a_folder_without_runs_says_so(printed, tmp_path):
    assert "no runs in" in printed(tmp_path)
    assert json.loads(printed(tmp_path, "--json")) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--where", "x"], "expected KEY=VALUE"), (["--sort", "acuracy"], "did you mean 'accuracy'"),
        (["--csv", "--json"], "give one of them"), (["--limit", "-1"], "--limit -1: expected 0"),
    ],
)  # fmt: skip
def test_wrong_options_are_one_line(printed, folder, words, message):
    assert message in printed(folder, *words, code=2)


def test_a_comparison_has_differing_keys_curves_and_notes(printed, folder):
    text = printed("compare", folder / "a", folder / "b")
    assert "▁" in text
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    assert rows["train.epochs"] == ["2", "4"]
    assert rows["1"] == ["25.00", "1.5000", "50.00", "1.5000"]
    assert rows["3"] == ["62.50", "1.5000"]
    assert "Not finished: b (interrupted)" in text


def test_a_comparison_is_written_and_printed_as_json_and_csv(printed, folder, tmp_path):
    page = tmp_path / "page.html"
    words = ["compare", folder / "a", folder / "b"]
    page.write_text('<!doctype html>\n<meta name="generator" content="mien runs compare">')  # is replaced
    assert f"written: {page}" in printed(*words, "-o", page)
    assert "optimizer" not in page.read_text()
    assert identify(page) is RUN_COMPARISON
    assert json.loads(printed(*words, "--json"))["differing"]["train.epochs"] == {"a": 2, "b": 4}
    rows = list(csv.DictReader(io.StringIO(printed(*words, "--csv"))))
    assert [row["run"] for row in rows] == ["a", "a", "b", "b", "b"]


def test_another_file_is_not_replaced(printed, folder, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("mine")
    assert "page.html" in printed("compare", folder / "a", folder / "b", "-o", page, code=2)
    assert page.read_text() == "mine"
    assert ".html or .png" in printed("compare", folder / "a", folder / "b", "-o", tmp_path / "x.pdf", code=2)
    assert "2 to 20" in printed("compare", folder / "a", code=2)


def test_long_trainings_are_shown_at_even_distances():
    from mien.cli.run_tables import _evenly_spaced

    assert _evenly_spaced(3) == [0, 1, 2]
    shown = _evenly_spaced(500)
    assert (len(shown), shown[0], shown[-1]) == (20, 0, 499)
