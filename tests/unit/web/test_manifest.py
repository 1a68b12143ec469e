"""The JavaScript reads no constant that the manifest doesn't have."""

import json
import re
from importlib.resources import files

import pytest

import mien.web.detectors
from mien.detection.options import DetectorOptions
from mien.web.detectors import site_detectors
from mien.web.manifest import constants

SCRIPTS = {
    path.name: path.read_text("utf-8")
    for path in files("mien").joinpath("web", "browser", "recognition").iterdir()
}


def test_all_constants_that_scripts_read_exist():
    known = constants()
    read = {name: re.findall(r"constants\.(\w+)(?:\.(\w+))?", text) for name, text in SCRIPTS.items()}
    assert sum(map(len, read.values())) > 20
    for name, pairs in read.items():
        for group, key in pairs:
            if group not in ("detectors", "js"):
                assert group in known, name
                assert not key or key in known[group], f"{name}: {group}.{key}"
    for keys, group in re.findall(r"\{ ([^={}]+) \} = constants\.(\w+);", "".join(SCRIPTS.values())):
        assert _names(keys) <= set(known[group])


@pytest.mark.parametrize("name", ["yunet", "mtcnn"])
def test_all_settings_that_a_network_reads_exist(monkeypatch, name):
    monkeypatch.delenv("MIEN_YUNET", raising=False)
    monkeypatch.setattr(mien.web.detectors, "fetch_yunet", lambda **_: b"")
    monkeypatch.setattr(mien.web.detectors, "with_dynamic_shapes", lambda content, _: content)
    (detector,) = site_detectors([name], DetectorOptions(offline=True))
    text = SCRIPTS[f"{name}.js"] + SCRIPTS["search.js"]
    read = set(re.findall(r"this\.settings\.(\w+)", text))
    for keys in re.findall(r"\{ ([^={}]+) \} = this\.settings;", text):
        read |= _names(keys)
    assert len(read) > 8
    assert read <= set(detector.settings)


def _names(keys):
    """The names in a destructuring, such as `a, b: [c, d], e: f`."""
    plain = re.sub(r"\[[^\]]*\]", "", keys)
    return {key.partition(":")[0].strip() for key in plain.split(",") if key.strip()}


def test_constants_are_json():
    assert json.loads(json.dumps(constants()))["landmarks"]["template"][0] == [-0.5, -0.4]
