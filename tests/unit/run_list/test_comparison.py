"""Runs side by side."""

import json

import pytest

from mien.errors import MienError, RunError
from mien.files.identify import RUN_COMPARISON, identify
from mien.run_list.comparison import compare_folders, short_names
from mien.run_list.figures import plot_runs
from run_builders import finished_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    finished_run(folder / "a", (0.25, 0.5))
    finished_run(folder / "b", (0.5, 0.75, 0.625), ["train.epochs=3", "optimizer.lr=0.5", "title=other"])
    finished_run(folder / "sub" / "a", (0.25,), ["loss.kind=focal"])
    return folder


def test_keys_that_differ_are_listed_with_a_value_of_each_run(folder):
    found = compare_folders([folder / "a", folder / "b"])
    assert found.differing == {"optimizer.lr": (0.01, 0.5), "train.epochs": (2, 3)}
    assert [len(run.history) for run in found.runs] == [2, 3]
    assert not any(note.startswith("Not finished") for note in found.notes)


def test_a_key_that_a_recipe_lacks_is_none(folder):
    found = compare_folders([folder / "a", folder / "sub" / "a"])
    assert found.differing["loss.gamma"][0] is None
    sections = [key.partition(".")[0] for key in found.differing]
    assert len(dict.fromkeys(sections)) == len(
        [one for at, one in enumerate(sections) if sections[at - 1 : at] != [one]]
    )
    assert found.differing["loss.kind"] == ("cross_entropy", "focal")
    assert found.names[1] == "sub/a"
    assert any(note.startswith("Not finished: sub/a (interrupted)") for note in found.notes)


def test_runs_of_different_data_sets_are_noted(folder, tmp_path):
    info = finished_run(tmp_path / "c").info
    finished_run(tmp_path / "d", source=info.source.model_copy(update={"fingerprint": "0"}))
    notes = compare_folders([tmp_path / "c", tmp_path / "d"]).notes
    assert "different data sets" in notes[0]


@pytest.mark.parametrize(("names", "what"), [(["a"], ": 1,"), (["a", "a"], "twice"), (["a", "x"], "x")])
def test_what_cannot_be_compared_is_an_error(folder, names, what):
    with pytest.raises(RunError, match=what):
        compare_folders([folder / name for name in names])


def test_a_damaged_run_is_an_error(folder, tmp_path):
    finished_run(tmp_path / "c")
    (tmp_path / "c" / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"run\.json: damaged"):
        compare_folders([folder / "a", tmp_path / "c"])


def test_the_figure_has_a_curve_for_each_run(folder):
    runs = compare_folders([folder / "a", folder / "b"]).runs
    accuracy, loss, by_time, rate = plot_runs(runs).axes
    assert [line.get_gid() for line in accuracy.lines] == ["a", "b", "a", "b"]
    assert accuracy.lines[1].get_ydata() == pytest.approx([50, 75, 62.5])
    assert list(by_time.lines[1].get_xdata()) == pytest.approx([2 / 60, 4 / 60, 6 / 60])
    assert [len(axes.lines) for axes in (loss, by_time, rate)] == [4, 2, 2]


def test_names_are_no_formulas_and_runs_may_have_no_epochs(tmp_path):
    names = ["_a$\\x$", "<b>&"]
    paths = [finished_run(tmp_path / name, ()).path for name in names]
    found = compare_folders(paths)
    figure = found.plot()
    assert [text.get_text().strip() for text in figure.legends[0].get_texts()] == names
    assert "&lt;b&gt;&amp;" in found.write(tmp_path / "page.html").read_text()


def test_it_is_written_as_json_page_and_figure(folder, tmp_path):
    found = compare_folders([folder / "a", folder / "b"])
    tree = json.loads(json.dumps(found.to_dict()))
    assert tree["differing"]["train.epochs"] == {"a": 2, "b": 3}
    assert tree["history"]["b"][1]["validation_accuracy"] == 0.75
    page = found.write(tmp_path / "page.html").read_text()
    assert identify(tmp_path / "page.html") is RUN_COMPARISON
    assert "<code>optimizer.lr</code>" in page
    assert "<b>75.00</b>" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert found.write(tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(MienError, match=r"\.html or \.png"):
        found.write(tmp_path / "page.txt")


def test_names_have_as_many_folders_as_needed(tmp_path):
    paths = [tmp_path / "x" / "a", tmp_path / "y" / "a", tmp_path / "y" / "b"]
    assert short_names(paths) == ["x/a", "y/a", "y/b"]
