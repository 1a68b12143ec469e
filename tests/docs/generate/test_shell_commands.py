import pytest

from generate.shell_commands import commands, problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mien predict a.jpg   # a comment", [["mien", "predict", "a.jpg"]]),
        ("$ mien runs", [["mien", "runs"]]),
        ("mien train \\\n    --data a.csv", [["mien", "train", "--data", "a.csv"]]),
        ("a | mien predict - > out.json && b", [["a"], ["mien", "predict", "-"], ["b"]]),
        ("MIEN_TOKEN=$(openssl rand) mien serve &", [["openssl", "rand"], ["mien", "serve"]]),
        ("mien runs --where 'accuracy > 0.6'", [["mien", "runs", "--where", "accuracy > 0.6"]]),
        ("for i in 1 2; do mien runs; done", [["for", "i", "in", "1", "2"], ["mien", "runs"], ["done"]]),
    ],
)
def test_simple_commands_of_a_block(text, expected):
    assert list(commands(text)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "predict photo.jpg --json",
        "data info fer2013.csv",
        "train --data a.csv --set train.epochs=2",
        "--help",
    ],
)
def test_commands_that_mien_accepts(line):
    assert problem(tuple(line.split())) == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("predict photo.jpg --jsn", "no option --jsn"),
        ("data info", "SOURCE"),
        ("tain --data a.csv", "tain"),
        ("predict a.mp4 --every often", "often"),
    ],
)
def test_commands_that_mien_refuses(line, expected):
    assert expected in problem(tuple(line.split()))
