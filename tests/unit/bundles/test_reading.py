import json
import os
from pathlib import Path

import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle_builders import in_memory, tiny_bundle, tiny_card, tiny_model
from mien.bundles import reading
from mien.bundles.reading import Bundle, find_bundle, is_bundle, read_bundle, shipped_names
from mien.bundles.seal import sealed
from mien.errors import BundleError

METADATA = tiny_card(classes=("dark", "bright"), size=8)
CONTENT = sealed(tiny_model(METADATA), METADATA)
MODEL = tiny_model(METADATA).SerializeToString()


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped bundles: large and small."""
    folder = tmp_path / "shipped"
    tiny_bundle(folder / "large.onnx")
    tiny_bundle(folder / "small.onnx", name="the default")
    monkeypatch.setattr(reading, "_shipped_folder", lambda: folder)
    return folder


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tiny_bundle(tmp_path / "a.onnx", temperature=1.5)
    bundle = read_bundle(path)
    assert bundle.metadata == tiny_card(temperature=1.5)
    assert bundle.content == path.read_bytes()
    assert bundle.name == str(path)
    assert read_bundle(str(path)) == bundle


def test_repr_is_one_line_without_the_content(tmp_path: Path) -> None:
    bundle = read_bundle(tiny_bundle(tmp_path / "a.onnx"))
    accuracy = bundle.metadata.scores[0].accuracy
    assert repr(bundle) == (
        f"Bundle(name={str(tmp_path / 'a.onnx')!r}, input=(48, 48), classes=7, accuracy={accuracy:.4f}, "
        f"size={len(bundle.content) / 1e6:.2f} MB)"
    )
    assert "accuracy=unknown" in repr(Bundle(b"", tiny_card(scores=()), "none"))


def test_the_shipped_ones_go_by_name(shipped: Path) -> None:
    assert shipped_names() == ["large", "small"]
    assert find_bundle("small") == shipped / "small.onnx"
    assert read_bundle("small").metadata.name == "the default"
    assert read_bundle() == read_bundle("small")
    assert read_bundle("large").name == "large"


def test_every_shipped_bundle_is_valid_and_small() -> None:
    bundles = [read_bundle(name) for name in shipped_names()]
    assert sum(len(bundle.content) for bundle in bundles) <= 10_600_000  # 2.6 MB for small, 8 MB for large


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("smal", r"smal: no such bundle \(did you mean 'small'\?\); give one of large, small, or"),
        ("zzz.onnx", "zzz.onnx: no such bundle; give one of"),
        ("", "an empty name"),
    ],
)
def test_a_name_of_nothing_is_refused(shipped: Path, name: str, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        find_bundle(name)


def test_a_run_folder_comes_before_a_shipped_name_and_that_before_a_file(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_bundle(Path("small"))
    Path("small").mkdir()
    assert is_bundle(Path("small"))
    Path("small/run.json").touch()
    assert not is_bundle(Path("small"))
    assert is_bundle(Path("gone.ONNX"))
    assert not is_bundle(Path("gone"))
    assert not is_bundle(tmp_path)


@pytest.mark.parametrize("name", ["face", "face.bin", "face.csv"])
def test_a_file_is_a_bundle_by_its_first_byte(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CONTENT)
    assert is_bundle(tmp_path / name)
    for other in (b"", b"PK", b"angry,sad\n"):
        (tmp_path / name).write_bytes(other)
        assert not is_bundle(tmp_path / name)


def test_a_near_file_is_suggested(tmp_path: Path) -> None:
    tiny_bundle(tmp_path / "faces.onnx")
    with pytest.raises(BundleError, match=r"faecs\.onnx: no such bundle \(did you mean '.*faces\.onnx'\?\)"):
        read_bundle(tmp_path / "faecs.onnx")


def test_without_shipped_bundles_a_path_is_required(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_shipped_folder", lambda: tmp_path / "none")
    assert shipped_names() == []
    with pytest.raises(BundleError, match="small: no such bundle; no bundle ships with this installation"):
        read_bundle()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"hello\n", "not an ONNX file"),
        (b"<!doctype html><title>404</title>", "this is an HTML page, expected a bundle"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "this is an image, expected a bundle"),
        (b"PK\x03\x04" + bytes(100), "not an ONNX file"),
        (json.dumps({"a": 1}).encode(), "not an ONNX file"),
        (b"\x08", "truncated or damaged"),
        (b"\x08\x08", "without mien's metadata"),
        (CONTENT[:-1], "truncated or damaged"),
        (CONTENT[:300], "truncated or damaged"),
        (CONTENT + b"\x08\x08", "damaged or altered"),
        (MODEL, "an ONNX file without mien's metadata"),
    ],
)
def test_other_files_are_refused_with_their_path(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=rf"x\.onnx: .*{message}"):
        read_bundle(path)


def test_metadata_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(sealed(tiny_model(METADATA), tiny_card(classes=("a", "b", "c"), size=8)))
    with pytest.raises(
        BundleError, match=r"x\.onnx: its output is .*\(n, 2\).* but its metadata states .*\(n, 3\)"
    ):
        read_bundle(path)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.onnx"
    with path.open("wb") as stream:
        stream.write(b"\x08")
        stream.truncate(1 << 40)  # a hole: reading it would never end
    with pytest.raises(
        BundleError, match=r"large\.onnx: 1048576 MiB; the largest size of a bundle is 512 MiB"
    ):
        read_bundle(path)


def test_a_file_of_just_the_limit_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny_bundle(tmp_path / "a.onnx")
    size = path.stat().st_size
    monkeypatch.setattr(reading, "MAX_BUNDLE_BYTES", size)
    assert isinstance(read_bundle(path), Bundle)
    monkeypatch.setattr(reading, "MAX_BUNDLE_BYTES", size - 1)
    with pytest.raises(BundleError, match="the largest size of a bundle is 0 MiB"):
        read_bundle(path)


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    with pytest.raises(BundleError, match="not a regular file"):
        read_bundle(tmp_path / "pipe.onnx")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tiny_bundle(tmp_path / "a.onnx")
    path.chmod(0)
    with pytest.raises(BundleError, match="can't read it"):
        read_bundle(path)


QUICK = settings(max_examples=60)


@QUICK
@given(at=st.integers(0, len(CONTENT) - 1), mask=st.integers(1, 255))
def test_any_changed_byte_is_noticed(tmp_path: Path, at: int, mask: int) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(CONTENT[:at] + bytes([CONTENT[at] ^ mask]) + CONTENT[at + 1 :])
    with pytest.raises(BundleError):
        read_bundle(path)


@QUICK
@given(length=st.integers(0, len(CONTENT) - 1))
def test_any_cut_is_noticed(tmp_path: Path, length: int) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(CONTENT[:length])
    with pytest.raises(BundleError):
        read_bundle(path)


@QUICK
@given(
    changes=st.lists(st.tuples(st.integers(0, len(MODEL) - 1), st.integers(0, 255)), min_size=1, max_size=4)
)
def test_a_damaged_graph_under_a_whole_seal_is_a_bundle_or_refused(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(MODEL)
    for at, value in changes:
        content[at] = value
    model = onnx.ModelProto()
    try:
        model.ParseFromString(bytes(content))
    except Exception:  # noqa: BLE001 - no model, so nothing to seal
        return
    path = tmp_path / "x.onnx"
    path.write_bytes(sealed(model, METADATA))
    try:
        bundle = read_bundle(path)
    except BundleError:
        return
    assert bundle.metadata == METADATA


def test_a_bundle_in_memory_is_what_a_file_would_hold(tmp_path: Path) -> None:
    assert in_memory().content == tiny_bundle(tmp_path / "a.onnx").read_bytes()
