import json
import re

import pytest

import mien
from bundle_builders import conv_bundle, tiny_bundle
from mien.errors import BundleError, DetectorError, MienError
from mien.files.identify import SITE, identify
from web_builders import fake_digests, write_runtime


@pytest.fixture
def ort(monkeypatch, tmp_path):
    fake_digests(monkeypatch)
    return write_runtime(tmp_path / "ort")


def export(out, ort, *bundles, **options):
    chosen = {"detectors": ("mtcnn", "whole"), "offline": True} | options
    return mien.export_web(*(bundles or (conv_bundle(),)), out=out, ort=ort, **chosen)


def files_of(site):
    return {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}


def test_a_site_has_all_that_it_needs(tmp_path, ort):
    bundle = tiny_bundle(tmp_path / "tiny.onnx")
    site = export(tmp_path / "site", ort, bundle)
    found = files_of(site)
    manifest = json.loads(found["manifest.json"].read_text())
    (entry,) = manifest["bundles"]
    assert (entry["name"], entry["default"], entry["threshold"]) == ("tiny", True, 0.55)
    assert found[entry["file"]].read_bytes() == bundle.read_bytes()
    assert manifest["detectors"] == ["mtcnn", "whole"]
    assert set(manifest["constants"]["detectors"]["mtcnn"]["files"].values()) <= set(found)
    stored = set(json.loads(re.search(r"FILES = (\[.*?\]);", found["sw.js"].read_text(), re.DOTALL)[1]))
    assert stored == {"./", *found} - {"sw.js"}
    assert identify(site) is SITE
    assert "ONNX Runtime Web" in found["licenses.txt"].read_text()


def test_all_imports_of_scripts_are_files_of_the_site(tmp_path, ort):
    found = files_of(export(tmp_path / "site", ort))
    for name, path in found.items():
        if name.endswith(".js"):
            for other in re.findall(r'from "(\.[^"]+)"', path.read_text()):
                assert (path.parent / other).resolve() in {one.resolve() for one in found.values()}, name


def test_the_version_of_the_service_worker_follows_the_content(tmp_path, ort):
    first, same, other = (
        (export(tmp_path / name, ort, conv_bundle(seed=seed)) / "sw.js").read_bytes()
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first == same != other


def test_a_site_is_replaced_and_other_folders_are_not(tmp_path, ort):
    (tmp_path / "empty").mkdir()
    site = export(tmp_path / "empty", ort)
    stamp = (site / "sw.js").stat().st_ino
    assert (export(site, ort) / "sw.js").stat().st_ino != stamp
    (site / ".git").mkdir()
    with pytest.raises(MienError, match=r"site of mien \(\.git\); give a new"):
        export(site, ort)
    assert (site / ".git").is_dir()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("mine")
    with pytest.raises(MienError, match="photos: has files that are not those of a site"):
        export(tmp_path / "photos", ort)
    assert (tmp_path / "photos" / "a.jpg").read_text() == "mine"


def test_what_a_browser_cannot_run_is_refused(tmp_path, ort):
    clahe = {"clip_limit": 2.0, "tiles": 4}
    for error, message, call in (
        (BundleError, "CLAHE", lambda out: export(out, ort, conv_bundle(clahe=clahe))),
        (BundleError, "no bundle", lambda out: mien.export_web(out=out, ort=ort)),
        (BundleError, "two bundles", lambda out: export(out, ort, conv_bundle(), conv_bundle())),
        (DetectorError, "'retina'", lambda out: export(out, ort, detectors=("retina",))),
        (DetectorError, "no detector", lambda out: export(out, ort, detectors=())),
    ):
        with pytest.raises(error, match=message):
            call(tmp_path / "site")
        assert not (tmp_path / "site").exists()


def test_without_yunet_the_page_uses_mtcnn(tmp_path, ort, monkeypatch):
    monkeypatch.delenv("MIEN_YUNET", raising=False)
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    site = export(tmp_path / "site", ort, detectors=("auto", "mtcnn"))
    assert json.loads((site / "manifest.json").read_text())["detectors"] == ["mtcnn"]
