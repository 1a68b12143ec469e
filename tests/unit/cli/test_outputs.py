from pathlib import Path

import pytest

from mien.cli.outputs import Target, targets_of
from mien.errors import MienError


@pytest.mark.parametrize(
    ("outputs", "chosen", "printed", "expected"),
    [
        ([], None, [], [Target("table", None)]),
        ([], "csv", [], [Target("csv", None)]),
        ([], None, ["json"], [Target("json", None)]),
        (["-"], None, [], [Target("table", None)]),
        (["-"], "jsonl", [], [Target("jsonl", None)]),
        (["/dev/stdout"], "csv", [], [Target("csv", None)]),
        (["/dev/fd/1"], None, [], [Target("table", None)]),
        (["a/b.csv"], None, [], [Target("csv", Path("a/b.csv"))]),
        (["b.NDJSON"], None, [], [Target("jsonl", Path("b.NDJSON"))]),
        (["a.csv", "b.pq"], None, [], [Target("csv", Path("a.csv")), Target("parquet", Path("b.pq"))]),
        (["a.json"], None, ["csv"], [Target("json", Path("a.json")), Target("csv", None)]),
        (["a.json", "-"], None, [], [Target("json", Path("a.json")), Target("table", None)]),
        (["results"], "json", [], [Target("json", Path("results"))]),
        (["a.json"], "json", [], [Target("json", Path("a.json"))]),
    ],
)  # fmt: skip
def test_the_format_follows_from_the_ending_the_option_or_the_flag(outputs, chosen, printed, expected):
    assert targets_of(outputs, chosen, printed) == expected


@pytest.mark.parametrize(
    ("outputs", "chosen", "printed", "message"),
    [
        (
            [],
            None,
            ["json", "csv"],
            "standard output: two outputs; write one of them to another file with -o",
        ),
        (["-"], None, ["csv"], "standard output: two outputs"),
        ([], "json", ["csv"], "standard output: two outputs"),
        (["a.json", "./a.json"], None, [], "a.json: two outputs"),
        (["a.csv"], "json", [], "a.csv: the ending selects csv, but the format is json"),
        (["a.txt"], None, [], "a.txt: no output format has the ending '.txt'; expected one of .json, .jsonl"),
        ([], "jsno", [], r"no output format 'jsno' \(did you mean 'json'\?\); expected one of json, jsonl"),
    ],
)
def test_outputs_that_contradict_each_other_are_refused(outputs, chosen, printed, message):
    with pytest.raises(MienError, match=message):
        targets_of(outputs, chosen, printed)
