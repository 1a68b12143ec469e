"""The record of settings beside a result: when it is written, and what it refuses to resume."""

import json

import pytest

from mien.errors import MienError
from mien.output.result_settings import ResultSettings, forget_settings, record_settings, settings_path

SMALL = {"bundle": "small", "min_face": "0.0"}
LARGE = {"bundle": "large", "min_face": "0.0"}


@pytest.fixture
def notices():
    return []


@pytest.fixture
def begin(tmp_path, notices):
    """Return a function that begins the result `faces.csv`, and resumes it by default."""
    path = tmp_path / "faces.csv"

    def call(settings=SMALL, *, resume=True):
        return ResultSettings.begin({path: path}, settings, resume=resume, notice=notices.append)

    return call


def recorded(path):
    return json.loads(settings_path(path).read_text())["settings"]


def test_a_result_is_resumed_with_its_own_settings_only(begin, tmp_path, notices):
    path = tmp_path / "faces.csv"
    records = begin()
    assert not settings_path(path).exists()
    path.write_text("results")
    records.update()
    assert recorded(path) == SMALL
    begin()
    with pytest.raises(MienError, match=r"faces\.csv: bundle was small when .* begun, now it is large;"):
        begin(LARGE)
    assert recorded(path) == SMALL
    begin(LARGE, resume=False)
    assert not notices


def test_the_record_is_that_of_the_content_of_the_file_when_a_process_is_killed(begin, tmp_path):
    path = tmp_path / "faces.csv"
    path.write_text("earlier results")
    record_settings(path, SMALL)
    records = begin(LARGE, resume=False)
    records.update()
    assert recorded(path) == SMALL  # killed here, the earlier results are there
    path.replace(tmp_path / "faces.csv.before")
    path.write_text("a new result")
    records.update()
    assert recorded(path) == LARGE


def test_settings_that_only_one_command_uses_are_added(begin, tmp_path):
    path = tmp_path / "faces.csv"
    path.write_text("results")
    record_settings(path, {"bundle": "small", "detector": "yunet"})
    begin({"bundle": "small", "smooth": "0.5"})
    assert recorded(path) == {"bundle": "small", "detector": "yunet", "smooth": "0.5"}
    with pytest.raises(MienError, match="detector was yunet"):
        begin({"bundle": "small", "detector": "mtcnn"})


def test_a_result_without_a_record_is_resumed_with_a_notice(begin, tmp_path, notices):
    path = tmp_path / "faces.csv"
    path.write_text("results")
    begin()
    assert notices == [f"{path}: there is no record of its settings (faces.csv.settings) to compare"]
    assert recorded(path) == SMALL


@pytest.mark.parametrize(
    "content", ['{"mien_settings": 2, "settings": {}}', '{"mien_settings": 1, "settings"']
)
def test_a_damaged_record_is_refused_by_its_name(begin, tmp_path, content):
    path = tmp_path / "faces.csv"
    path.write_text("results")
    settings_path(path).write_text(content)
    with pytest.raises(MienError, match=r"faces\.csv\.settings: damaged, or of another version"):
        begin()


def test_a_file_that_is_no_record_is_kept(begin, tmp_path):
    path = tmp_path / "faces.csv"
    settings_path(path).write_text("mine")
    records = begin()
    path.write_text("results")
    records.update()
    forget_settings(path)
    assert settings_path(path).read_text() == "mine"


def test_a_result_that_becomes_one_of_a_shard_has_no_record(tmp_path):
    path = tmp_path / "faces.csv"
    record_settings(path, SMALL)
    forget_settings(path)
    assert not settings_path(path).exists()
