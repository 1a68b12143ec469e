from hashlib import sha256

import onnx
import pytest

from mien.detection import auto
from mien.detection.factory import make_detector
from mien.detection.mtcnn import detector as mtcnn
from mien.detection.options import DetectorOptions
from mien.detection.yunet import detector as yunet
from mien.detection.yunet.download import FILE
from mien.errors import DetectorError


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A machine without a YuNet and without a network."""
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    monkeypatch.delenv("MIEN_YUNET", raising=False)
    return tmp_path


def made(name="auto", said=None, **options):
    return make_detector(name, DetectorOptions(notice=([] if said is None else said).append, **options))


@pytest.mark.parametrize("name", ["mtcnn", "whole"])
def test_detectors_by_name(nowhere, name):
    said = []
    assert made(name, said).name == name
    assert said == []


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(DetectorError, match="no detector 'haar'; expected one of auto, yunet, mtcnn, whole"):
        made("haar")


def test_a_detector_stays_itself_and_another_object_is_refused():
    detector = made("whole")
    assert make_detector(detector) is detector
    with pytest.raises(DetectorError, match="detector: an object of type int, expected a name or an object"):
        make_detector(3)


def test_auto_is_mtcnn_if_yunet_is_not_available(nowhere):
    said = []
    assert made("auto", said, offline=True).name == "mtcnn"
    (line,) = said
    assert line.startswith(
        "using the detector mtcnn, which is slower than yunet (no file of YuNet, and offline)"
    )
    assert "set MIEN_YUNET to the path of its file" in line
    assert len(line) <= 200
    assert "\n" not in line


def test_the_notice_of_auto_is_shorter_than_the_error_of_yunet(nowhere, monkeypatch):
    def nothing(**_):
        raise DetectorError(
            "YuNet can't be downloaded (a.example: refused; b.example: gone)" + " by hand" * 30
        )

    for module in (auto, yunet):
        monkeypatch.setattr(module, "fetch_yunet", nothing)
    said = []
    assert made("auto", said).name == "mtcnn"
    assert "no file of YuNet, and it can't be downloaded" in said[0]
    assert len(said[0]) <= 200
    with pytest.raises(DetectorError, match=r"a\.example: refused; b\.example: gone"):
        made("yunet")


def test_yunet_by_name_must_be_available(nowhere):
    with pytest.raises(DetectorError, match=r"no YuNet in .*set MIEN_YUNET to its path"):
        made("yunet", offline=True)


@pytest.mark.parametrize("name", ["auto", "yunet"])
def test_a_named_file_must_be_there_and_a_yunet(nowhere, monkeypatch, name):
    damaged = nowhere / "damaged.onnx"
    damaged.write_bytes(b"\x08\x07 not really")
    for path, message in (
        (nowhere / "none.onnx", "can't read the face detector"),
        (damaged, "damaged, or another model than face_detection_yunet_2023mar.onnx"),
        (nowhere, "can't read"),
    ):
        with pytest.raises(DetectorError, match=f"{path.name}: {message}"):
            made(name, model=path)
        monkeypatch.setenv("MIEN_YUNET", str(path))
        with pytest.raises(DetectorError, match=f"{path.name}: {message}"):
            made(name)
        monkeypatch.delenv("MIEN_YUNET")


def test_a_model_for_another_detector_is_a_muddle(nowhere):
    with pytest.raises(DetectorError, match=r"x\.onnx: a detector model is for yunet, not for mtcnn"):
        made("mtcnn", model=nowhere / "x.onnx")


def test_an_argument_goes_before_the_environment(nowhere, monkeypatch, yunet):
    monkeypatch.setenv("MIEN_YUNET", str(nowhere / "none.onnx"))
    assert made(model=yunet).name == "yunet"
    monkeypatch.setenv("MIEN_YUNET", str(yunet))
    assert made().name == made("yunet").name == "yunet"


def test_auto_takes_yunet_from_the_cache(nowhere, yunet):
    (nowhere / "models").mkdir()
    (nowhere / "models" / FILE).write_bytes(yunet.read_bytes())
    said = []
    assert made("auto", said, offline=True).name == "yunet"
    assert said == []


@pytest.mark.parametrize("name", ["auto", "yunet"])
def test_another_file_needs_its_digest(nowhere, monkeypatch, yunet, name):
    said = []
    assert made(name, said, model=yunet).name == "yunet"
    other = nowhere / "other.onnx"
    other.write_bytes(with_doc_string(yunet.read_bytes()))
    digest = sha256(other.read_bytes()).hexdigest()
    with pytest.raises(DetectorError, match=f"other.onnx: damaged, or another .*detector_digest={digest}"):
        made(name, model=other)
    assert made(name, said, model=other, digest=digest.upper()).name == "yunet"
    monkeypatch.setenv("MIEN_YUNET", str(other))
    with pytest.raises(DetectorError, match="damaged, or another"):
        made(name)
    monkeypatch.setenv("MIEN_YUNET_SHA256", digest[:12])
    assert made(name, said).name == "yunet"
    assert said == []


def test_a_digest_goes_with_a_model(nowhere):
    with pytest.raises(DetectorError, match="it is that of a detector model; give its file as well"):
        made("auto", digest="a" * 64)
    with pytest.raises(DetectorError, match="is for yunet, not for mtcnn"):
        made("mtcnn", digest="a" * 64)


def with_doc_string(content):
    model = onnx.load_model_from_string(content)
    model.doc_string = "another version"
    return model.SerializeToString()


@pytest.mark.parametrize(("requested", "used"), [(None, 0.85), (0.9, 0.85), (0.3, 0.3)])
def test_a_lower_threshold_is_that_of_the_detector(monkeypatch, requested, used):
    thresholds = []
    monkeypatch.setattr(mtcnn, "Mtcnn", lambda _, threshold: thresholds.append(threshold))
    made("mtcnn", threshold=requested)
    assert thresholds == [used]
