import hashlib
import io
import tarfile

import pytest

from mien.errors import MienError
from mien.files.caches import cache_folder
from mien.web import ort_files
from mien.web.ort_files import DIGESTS, runtime_files
from web_builders import CONTENTS, fake_digests, write_runtime


@pytest.fixture(autouse=True)
def _fakes(monkeypatch, tmp_path):
    fake_digests(monkeypatch)
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(ort_files, "read_address", lambda *_: pytest.fail("downloads"))


def archive(contents, headers=None):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as made:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.pax_headers = headers or {}
            made.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


PACKAGE = {f"package/dist/{name}": content for name, content in CONTENTS.items()} | {"package/x.js": b"x"}


@pytest.mark.parametrize("below", ["", "dist", "package/dist", "node_modules/onnxruntime-web/dist"])
def test_files_of_a_folder_are_found_where_packages_have_them(tmp_path, below):
    write_runtime(tmp_path / below)
    assert runtime_files(tmp_path, offline=True, notice=pytest.fail) == CONTENTS


def test_files_of_an_archive_are_read(tmp_path):
    (tmp_path / "ort.tgz").write_bytes(archive(PACKAGE))
    assert runtime_files(tmp_path / "ort.tgz", offline=True, notice=pytest.fail) == CONTENTS


def test_a_download_is_announced_and_kept(monkeypatch, tmp_path):
    lines = []
    monkeypatch.setattr(ort_files, "read_address", lambda *_: archive(PACKAGE))
    assert runtime_files(None, offline=False, notice=lines.append) == CONTENTS
    assert "31 MB" in lines[0]
    assert ort_files.SOURCE in lines[0]
    assert runtime_files(None, offline=True, notice=pytest.fail) == CONTENTS


def test_a_damaged_file_in_the_cache_is_downloaded_again(monkeypatch, tmp_path):
    write_runtime(cache_folder(ort_files.CACHE))
    (cache_folder(ort_files.CACHE) / next(iter(CONTENTS))).write_bytes(b"damaged")
    with pytest.raises(MienError, match="offline"):
        runtime_files(None, offline=True, notice=pytest.fail)
    monkeypatch.setattr(ort_files, "read_address", lambda *_: archive(PACKAGE))
    assert runtime_files(None, offline=False, notice=lambda _: None) == CONTENTS


def test_unusable_packages_are_one_clear_error(tmp_path):
    name = next(iter(DIGESTS))
    write_runtime(tmp_path / "other")
    (tmp_path / "other" / name).write_bytes(b"another version")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.tgz").write_bytes(b"no archive")
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x"}
    (tmp_path / "sparse.tgz").write_bytes(archive({name: b"no number\n" * 60}, sparse))
    for source, problem in {
        "other": f"{name} is not that of onnxruntime-web 1.27.0",
        "empty": f"no {name}",
        "missing": "No such file",
        "text.tgz": "not an archive",
        "sparse.tgz": "not an archive",
    }.items():
        with pytest.raises(MienError, match=problem) as caught:
            runtime_files(tmp_path / source, offline=True, notice=pytest.fail)
        assert str(caught.value).startswith(str(tmp_path / source))
        assert ort_files.SOURCE in str(caught.value)


def test_a_failed_download_names_the_address(monkeypatch):
    def fail(*_):
        raise OSError("no network")

    monkeypatch.setattr(ort_files, "read_address", fail)
    with pytest.raises(MienError, match=r"registry\.npmjs\.org.*can't be downloaded \(no network\)"):
        runtime_files(None, offline=False, notice=lambda _: None)


def test_digests_are_those_of_sha256():
    assert {hashlib.sha256(content).hexdigest() for content in CONTENTS.values()} == set(DIGESTS.values())
