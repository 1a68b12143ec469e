"""The seal of a bundle: its metadata, and a digest of all its bytes, as properties of the ONNX file.

`sealed` returns the bytes of a bundle; `mien.exporting` writes them. A damaged weight would change the
probabilities without an error, so a reader verifies the digest first.
"""

import json
from typing import Final

import onnx
import xxhash
from onnx import helper
from pydantic import ValidationError

from mien.bundles.metadata import METADATA_KEY, SCHEMA, BundleMetadata
from mien.errors import BundleError
from mien.text import escape_surrogates

DIGEST_KEY: Final = "mien.digest"
"""Name of the property with the digest: 32 hexadecimal digits, of the file with these digits zero."""

OLD_METADATA_KEY: Final = "mien.card"
"""Name of the property that held metadata of schema 1."""

_MADE_BEFORE: Final = (
    "made by an older version of mien (metadata schema 1); export it again with this version"
)
_NOT_OURS: Final = "an ONNX file without mien's metadata, expected a bundle exported from a run"

_ZEROS: Final = "0" * 32


def sealed(model: onnx.ModelProto, metadata: BundleMetadata) -> bytes:
    """Return the bytes of a bundle: `model` with the metadata and the digest as its only properties."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    helper.set_model_props(copy, {METADATA_KEY: _as_json(metadata), DIGEST_KEY: _ZEROS})
    content: bytes = copy.SerializeToString(deterministic=True)
    return content.replace(*_digits(_ZEROS, _digest(content)))


def read_metadata(model: onnx.ModelProto) -> BundleMetadata:
    """Return the metadata of a bundle.

    Raises:
        BundleError: It is missing, damaged, or of another version of mien.
    """
    properties = _properties(model)
    if METADATA_KEY not in properties:
        raise BundleError(_MADE_BEFORE if OLD_METADATA_KEY in properties else _NOT_OURS)
    text = properties[METADATA_KEY]
    try:
        return BundleMetadata.model_validate_json(text)
    except ValidationError as error:
        raise BundleError(_unreadable(text, error)) from error


def check_seal(content: bytes, model: onnx.ModelProto) -> None:
    """Check that the bytes are those that were sealed.

    Args:
        content: The bytes of the file.
        model: The same file, parsed.

    Raises:
        BundleError: The digest is missing, or differs.
    """
    stated = _properties(model).get(DIGEST_KEY)
    if stated is None:
        raise BundleError("metadata, but no digest of the file; export it again from its run")
    if _digest(content.replace(*_digits(stated, _ZEROS))) != stated:
        raise BundleError("damaged or altered: its content doesn't match its digest; copy it again")


def _as_json(metadata: BundleMetadata) -> str:
    """Return the metadata as JSON; what UTF-8 can't represent, as in names of files, is escaped."""
    text = json.dumps(metadata.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    return escape_surrogates(text, r"\\u")


def _properties(model: onnx.ModelProto) -> dict[str, str]:
    return {item.key: item.value for item in model.metadata_props}


def _digest(content: bytes) -> str:
    return xxhash.xxh3_128_hexdigest(content)


def _digits(before: str, after: str) -> tuple[bytes, bytes]:
    """Return the bytes of the digest property with its old and with its new digits."""
    place = onnx.StringStringEntryProto
    return (
        place(key=DIGEST_KEY, value=before).SerializeToString(),
        place(key=DIGEST_KEY, value=after).SerializeToString(),
    )


def _unreadable(text: str, error: ValidationError) -> str:
    version = _schema_version(text)
    if isinstance(version, int) and version > SCHEMA:
        return (
            f"made by a newer version of mien (metadata schema {version}, this version reads {SCHEMA}); "
            "upgrade mien"
        )
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "JSON"
    return f"its metadata is damaged ({where}: {first['msg']}); export the bundle again"


def _schema_version(text: str) -> object:
    try:
        metadata = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return metadata.get("schema_version") if isinstance(metadata, dict) else None
