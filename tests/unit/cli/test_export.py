"""`mien export`: its arguments, its streams and its exit codes."""

from dataclasses import replace

import pytest

from bundle_builders import in_memory, tiny_bundle
from export_builders import OPTIONS, member
from mien.cli.app import run as mien
from mien.exporting import export as room
from mien.web import site as mien_site


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
        "one small two.onnx --int8 --tta --tta-flip --tta-blur --data synthetic:200 --name both "
        "--calibration vector --logit-adjustment 0.3 -o both.onnx"
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
        "calibration": "vector",
        "logit_adjustment": 0.3,
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


@pytest.fixture
def sites(monkeypatch):
    """Replace the writing of a site by a function that records its arguments."""
    calls = []

    def write(bundles, out, *, notice, **options):
        calls.append(([one.metadata.name for one in bundles], out, options))
        return out

    monkeypatch.setattr(mien_site, "write_site", write)
    return calls


def test_a_bundle_becomes_a_site_as_it_is(sites, asked, tmp_path, capsys):
    words = ["export", str(tiny_bundle(tmp_path / "tiny.onnx")), "--web", str(tmp_path / "site")]
    assert mien([*words, "--ort", "ort.tgz", "--detector", "mtcnn", "--offline"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'site'}\n"
    ((names, out, options),) = sites
    assert (names, out, str(options["ort"]), options["detectors"]) == (
        ["tiny"], tmp_path / "site", "ort.tgz", ("mtcnn",)
    )  # fmt: skip
    assert options["options"].offline
    assert not asked


def test_a_run_is_exported_before_its_site(sites, asked, tmp_path):
    assert mien(["export", "runs/net", "--int8", "--web", str(tmp_path / "site")]) == 0
    assert asked[0][2]["int8"]
    assert sites[0][2]["detectors"] == mien_site.DETECTORS


def test_options_of_a_site_need_its_folder(sites, asked, capsys):
    assert mien(["export", "small", "--detector", "mtcnn"]) == 2
    assert "--detector is for a site; give its folder as well, with --web" in capsys.readouterr().err
    assert not asked
    assert not sites
