"""Options that take a file or nothing."""

from pathlib import Path

import pytest

from mien.cli.outputs import PIPED, Target, spelled_out, targets_of, words_of_inputs
from mien.errors import MienError


@pytest.mark.parametrize(
    ("line", "spelled"),
    [
        ("predict a.jpg", "predict a.jpg"),
        ("predict a.jpg --json", "predict a.jpg --json=-"),
        ("predict --json a.jpg", "predict --json=- a.jpg"),
        ("predict a.jpg --json out.json", "predict a.jpg --json=out.json"),
        ("predict --json - a.jpg", "predict --json=- a.jpg"),
        ("predict --json=faces a.jpg", "predict --json=faces a.jpg"),
        ("predict --jsonl x.NDJSON a", "predict --jsonl=x.NDJSON a"),
        ("predict --jsonl --csv f.csv a", "predict --jsonl=- --csv=f.csv a"),
        ("predict a --parquet p/f.parquet", "predict a --parquet=p/f.parquet"),
        ("predict --json b.csv --csv a.json", "predict --json=- b.csv --csv=- a.json"),
        ("predict --json=a.json b.json", "predict --json=a.json b.json"),
        ("predict --json -- out.json", "predict --json=- -- out.json"),
        ("predict -- --json", "predict -- --json"),
        ("", ""),
    ],
)
def test_a_word_is_the_file_of_an_option_only_if_it_ends_like_one(line, spelled, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "a.json", "b.csv"):
        (tmp_path / name).touch()
    assert spelled_out(line.split()) == spelled.split()


def test_a_hyphen_among_the_inputs_is_kept_from_being_an_option():
    assert spelled_out(["predict", "-", "--json", "-", "a", "-", "--", "-"]) == [
        "predict", PIPED, "--json=-", "a", PIPED, "--", "-",
    ]  # fmt: skip
    assert words_of_inputs([PIPED, "a", "-"]) == ["-", "a", "-"]


def test_formats_and_places():
    assert targets_of({"json": None, "jsonl": "-", "csv": "a/b.csv", "parquet": None}) == [
        Target("jsonl", None),
        Target("csv", Path("a/b.csv")),
    ]
    assert targets_of({"json": None}) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"json": "-", "csv": "-"}, "standard output: it can take one format only"),
        ({"json": "out", "csv": "./out"}, "out: it can take one format only"),
    ],
)
def test_two_formats_in_one_place_are_refused(values, message):
    with pytest.raises(MienError, match=message):
        targets_of(values)


@pytest.mark.parametrize("word", ["h.txt", "results", "folder/a.txt"])
def test_a_word_that_is_neither_file_nor_input_is_refused_with_advice(word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MienError, match=f"{word}: no such file or folder; to write there, say --csv={word}"):
        spelled_out(["predict", "--csv", word, "--jsonl", word])


@pytest.mark.parametrize("word", ["0", "rtsp://host/1", "synthetic:9", "*.jpg", "a.jpg", "--draw", "."])
def test_a_word_that_may_be_an_input_is_one(word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jpg").touch()
    assert spelled_out(["predict", "--csv", word]) == ["predict", "--csv=-", word]
