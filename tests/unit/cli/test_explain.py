"""`mien explain`: the files that it writes, what it says, and what it refuses."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from bundle_builders import tiny_bundle
from mien.cli.app import run
from mien.files.identify import EXPLANATION, identify


@pytest.fixture
def words(tmp_path, monkeypatch):
    """Return the beginning of a command about one cropped face."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.full((48, 48), 99, np.uint8)).save("face.png")
    bundle = tiny_bundle(tmp_path / "tiny.onnx")
    return ["explain", "face.png", "--detector", "whole", "--bundle", str(bundle), "--threads", "1"]


def test_a_page_is_written_and_its_path_is_printed(words, capsys, tmp_path):
    assert run([*words, "--method", "occlusion"]) == 0
    assert capsys.readouterr().out == "explanation.html\n"
    assert identify(tmp_path / "explanation.html") is EXPLANATION
    assert run([*words, "--method", "occlusion"]) == 0  # an explanation is replaced


def test_figure_arrays_classes_and_checks(words, capsys, tmp_path):
    more = [
        "--class",
        "happy",
        "--class",
        "sad",
        "--method",
        "occlusion",
        "--check",
        "-o",
        "a.png",
        "-o",
        "a.npz",
    ]
    assert run([*words, *more]) == 0
    printed = capsys.readouterr()
    assert printed.out == "a.png\na.npz\n"
    assert "assed on 1 face: deletion" in printed.err
    assert np.load(tmp_path / "a.npz")["maps"].shape == (1, 2, 48, 48)


def test_what_can_not_be_read_is_reported_and_the_limit_is_named(words, capsys, tmp_path):
    (tmp_path / "b.png").write_bytes(b"nothing")
    words[1:2] = ["b.png", "face.png", "face.png"]
    assert run([*words, "--limit", "1", "--method", "occlusion"]) == 1
    printed = capsys.readouterr().err
    assert "b.png" in printed
    assert "explained: the first 1 face; --limit 10" in printed


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["-o", "face.png"], "face.png: this is an input"),
        (["-o", "notes.html"], "exists and is not an explanation"),
        (["-o", "maps.gif"], "unknown ending"),
        (["--class", "hapy"], "did you mean 'happy'"),
        (["--method", "gradcam"], "pass --run"),
        (["--run", "nowhere"], "--run and --bundle"),
        (["--limit", "0"], "--limit 0"),
        (["--clas", "happy"], "no option '--clas' (did you mean '--class'?)"),
    ],
)
def test_refusals(words, more, message, capsys, tmp_path):
    (tmp_path / "notes.html").write_text("<html>mine")
    assert run([*words, *more]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("ending", "package"), [("html", "jinja2"), ("png", "matplotlib")])
def test_a_missing_extra_is_named_before_any_work(words, ending, package, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, package, None)
    assert run([*words, "-o", f"a.{ending}"]) == 2
    assert "mien[report]" in capsys.readouterr().err


def test_an_image_of_standard_input(words, monkeypatch, tmp_path):
    content = io.BytesIO((tmp_path / "face.png").read_bytes())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    assert run(["explain", "-", *words[2:], "--method", "occlusion", "-o", "maps.npz"]) == 0
    assert np.load("maps.npz")["sources"].tolist() == ["stdin"]


def test_no_inputs(capsys):
    assert run(["explain"]) == 2
    assert "no inputs" in capsys.readouterr().err
