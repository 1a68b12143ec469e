"""`mien export`: its words, its streams and its exit codes."""

import pytest

from export_builders import OPTIONS
from mien.cli.app import run as mien
from mien.exporting import export as room


@pytest.fixture
def asked(monkeypatch):
    """Stand in for the export: remember what it is asked."""
    calls = []

    def answer(runs, out, *, notice, **options):
        notice("temperature [1.2]")
        calls.append((runs, out, options))
        return out or runs[0] / "net.onnx"

    monkeypatch.setattr(room, "export_bundle", answer)
    return calls


def test_the_path_alone_goes_to_standard_output(asked, capsys):
    assert mien(["export", "runs/net"]) == 0
    assert capsys.readouterr() == ("runs/net/net.onnx\n", "temperature [1.2]\n")
    ((runs, out, options),) = asked
    assert ([str(path) for path in runs], out) == (["runs/net"], None)
    assert options | {"notice": OPTIONS["notice"]} == OPTIONS


def test_every_option_arrives(asked, capsys):
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


def test_what_is_no_run_is_refused(tmp_path, capsys):
    assert mien(["export", str(tmp_path)]) == 2
    printed, said = capsys.readouterr()
    assert printed == ""
    assert "not a run folder" in said
    assert len(said.splitlines()) == 1


def test_no_part_is_refused(capsys):
    assert mien(["export"]) == 2
    assert "nothing to export" in capsys.readouterr().err
