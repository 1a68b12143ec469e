"""`mien export`: its arguments, its streams and its exit codes."""

from dataclasses import replace

import pytest

from bundle_builders import in_memory, tiny_bundle
from export_builders import OPTIONS, member
from mien.cli.app import run as mien
from mien.exporting import export as room


@pytest.fixture
def asked(monkeypatch):
    """Replace the export by a function that records its arguments."""
    calls = []

    def answer(runs, out, *, notice, **options):
        notice("temperature [1.2]")
        calls.append((runs, out, options))
        return replace(in_memory(), path=out or runs[0] / "net.onnx")

    monkeypatch.setattr(room, "export_bundle", answer)
    return calls


def test_the_path_alone_goes_to_standard_output(asked, capsys):
    assert mien(["export", "runs/net"]) == 0
    assert capsys.readouterr() == ("runs/net/net.onnx\n", "temperature [1.2]\n")
    ((runs, out, options),) = asked
    assert ([str(path) for path in runs], out) == (["runs/net"], None)
    assert options | {"notice": OPTIONS["notice"]} == OPTIONS


@pytest.mark.parametrize("option", ["-o", "--output"])
def test_every_option_is_passed(asked, option):
    words = (
        "one small two.onnx --int8 --tta --tta-flip --tta-blur --data synthetic:200 --name both -o both.onnx"
    )
    assert mien(["export", *words.split()]) == 0
    ((runs, out, options),) = asked
    assert ([str(path) for path in runs], str(out)) == (["one", "small", "two.onnx"], "both.onnx")
    assert options == {
        "int8": True,
        "tta": True,
        "flip": True,
        "blur": True,
        "data": "synthetic:200",
        "name": "both",
    }


def test_other_folders_are_refused(tmp_path, capsys):
    assert mien(["export", str(tmp_path)]) == 2
    printed, said = capsys.readouterr()
    assert printed == ""
    assert "not a run folder" in said
    assert len(said.splitlines()) == 1


def test_no_input_is_refused(capsys):
    assert mien(["export"]) == 2
    assert "nothing to export" in capsys.readouterr().err


def test_errors_name_options(tmp_path, capsys):
    path = tiny_bundle(tmp_path / "a.onnx", members=(member(),))
    assert mien(["export", str(path), "-o", str(tmp_path / "b.onnx")]) == 2
    assert "pass --data with that data set" in capsys.readouterr().err
    assert mien(["export", str(path)]) == 2
    assert "pass --output" in capsys.readouterr().err
