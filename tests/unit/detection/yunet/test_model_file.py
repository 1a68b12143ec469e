from hashlib import sha256
from pathlib import Path

import pytest

from mien.detection.yunet import model_file
from mien.detection.yunet.model_file import read_model
from mien.errors import DetectorError

CONTENT = b"\x08\x07" + bytes(100)
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.onnx"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("digest", [DIGEST, DIGEST.upper(), DIGEST[:12]])
def test_a_file_with_the_stated_digest_is_read(path: Path, digest: str) -> None:
    assert read_model(path, digest) == CONTENT


@pytest.mark.parametrize(
    ("digest", "message"),
    [
        (
            None,
            f"a.onnx: damaged, or another model than .*; .* pass detector_digest={DIGEST} or set MIEN_YUNET",
        ),
        ("0" * 64, f"a.onnx: its SHA-256 is {DIGEST}, expected 0000"),
        (DIGEST[:11], "expected 12 to 64 hexadecimal digits"),
        ("trust" * 3, "expected 12 to 64 hexadecimal digits"),
        ("", "expected 12 to 64 hexadecimal digits"),
    ],
)
def test_another_file_is_refused(path: Path, digest: str | None, message: str) -> None:
    with pytest.raises(DetectorError, match=message):
        read_model(path, digest)


def test_the_known_file_needs_no_digest(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "is_known_yunet", lambda content: content == CONTENT)
    assert read_model(path) == CONTENT
    with pytest.raises(DetectorError, match="expected 0000"):
        read_model(path, "0" * 64)


def test_a_device_and_a_large_file_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DetectorError, match="/dev/zero: can't read the face detector"):
        read_model(Path("/dev/zero"))
    monkeypatch.setattr(model_file, "MAX_MODEL_BYTES", 50)
    with pytest.raises(DetectorError, match=r"a\.onnx: can't read the face detector \(over 50 bytes"):
        read_model(path, DIGEST)
