import json

import onnx
import pytest
from onnx import helper

from bundle_builders import tiny_card, tiny_model
from mien.bundles.metadata import METADATA_KEY, SCHEMA
from mien.bundles.seal import DIGEST_KEY, check_seal, read_metadata, sealed
from mien.errors import BundleError

METADATA = tiny_card()
CONTENT = sealed(tiny_model(METADATA), METADATA)


def with_properties(**properties: str) -> onnx.ModelProto:
    model = tiny_model(METADATA)
    helper.set_model_props(model, {key.replace("_", "."): value for key, value in properties.items()})
    return model


def test_a_sealed_model_has_its_metadata_and_is_valid() -> None:
    model = onnx.load_model_from_string(CONTENT)
    assert read_metadata(model) == METADATA
    check_seal(CONTENT, model)


def test_sealing_leaves_the_model_alone_and_gives_the_same_bytes() -> None:
    model = tiny_model(METADATA)
    before = model.SerializeToString()
    assert sealed(model, METADATA) == CONTENT
    assert model.SerializeToString() == before


def test_a_resealed_bundle_has_the_new_metadata_only() -> None:
    other = tiny_card(name="other", temperature=2.0)
    content = sealed(onnx.load_model_from_string(CONTENT), other)
    model = onnx.load_model_from_string(content)
    assert read_metadata(model) == other
    assert [item.key for item in model.metadata_props] == [METADATA_KEY, DIGEST_KEY]
    check_seal(content, model)


@pytest.mark.parametrize("digest", ["", "0" * 32, "f" * 32, "ü", "0" * 31])
def test_another_digest_is_refused(digest: str) -> None:
    model = with_properties(mien_metadata=METADATA.model_dump_json(), mien_digest=digest)
    with pytest.raises(BundleError, match="damaged or altered"):
        check_seal(model.SerializeToString(), model)


def test_no_digest_is_refused() -> None:
    model = with_properties(mien_metadata=METADATA.model_dump_json())
    with pytest.raises(BundleError, match="no digest"):
        check_seal(model.SerializeToString(), model)


def test_no_metadata_is_a_foreign_file() -> None:
    with pytest.raises(BundleError, match="without mien's metadata"):
        read_metadata(with_properties(other="x"))


def test_schema_1_must_be_exported_again() -> None:
    model = with_properties(mien_card='{"schema_version": 1}', mien_digest="0" * 32)
    with pytest.raises(BundleError, match=r"older version of mien \(metadata schema 1\); export it again"):
        read_metadata(model)


@pytest.mark.parametrize("version", [SCHEMA + 1, 99])
def test_newer_metadata_need_a_newer_mien(version: int) -> None:
    newer = json.dumps({"schema_version": version, "what": "ever"})
    expected = rf"newer version of mien \(metadata schema {version}, this version reads {SCHEMA}\)"
    with pytest.raises(BundleError, match=expected):
        read_metadata(with_properties(mien_metadata=newer))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "its metadata is damaged"),
        ("{", "its metadata is damaged"),
        ("[]", "its metadata is damaged"),
        ("null", "its metadata is damaged"),
        ("[" * 5000, "its metadata is damaged"),
        ('{"schema_version": "new"}', "schema_version"),
        (METADATA.model_dump_json().replace('"size":48', '"size":"wide"'), "size: "),
        (METADATA.model_dump_json().replace('"size":48', '"site":48'), "size: Field required"),
    ],
)
def test_a_damaged_metadata_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        read_metadata(with_properties(mien_metadata=text))
