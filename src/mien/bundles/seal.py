"""The seal of a bundle: its metadata and a digest of all its bytes, in the metadata of the ONNX file.

`sealed` makes the bytes of a bundle of a graph and a metadata; `mien.exporting` writes them. A weight that
was damaged on the way gives wrong answers rather than an error, so reading asks the digest first.
"""

import json
from typing import Final

import onnx
import xxhash
from onnx import helper
from pydantic import ValidationError

from mien.bundles.metadata import METADATA_KEY, SCHEMA, BundleMetadata
from mien.errors import BundleError

DIGEST_KEY: Final = "mien.digest"
"""The metadata property that holds 32 hexadecimal digits over the file, these digits being zero."""

_ZEROS: Final = "0" * 32


def sealed(model: onnx.ModelProto, metadata: BundleMetadata) -> bytes:
    """Return the bytes of a bundle: `model` with the metadata and the digest as all its metadata."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    helper.set_model_props(copy, {METADATA_KEY: metadata.model_dump_json(), DIGEST_KEY: _ZEROS})
    content: bytes = copy.SerializeToString(deterministic=True)
    return content.replace(*_digits(_ZEROS, _digest(content)))


def read_metadata(model: onnx.ModelProto) -> BundleMetadata:
    """Return the metadata of a bundle.

    Raises:
        BundleError: There is none, or it is damaged or of a newer mien.
    """
    text = _properties(model).get(METADATA_KEY)
    if text is None:
        raise BundleError("an ONNX file without the metadata of mien; a bundle is made by mien export")
    try:
        return BundleMetadata.model_validate_json(text)
    except ValidationError as error:
        raise BundleError(_unreadable(text, error)) from error


def check_seal(content: bytes, model: onnx.ModelProto) -> None:
    """Refuse bytes that are not those that were sealed.

    Args:
        content: The bytes of the file.
        model: What they were parsed to.

    Raises:
        BundleError: There is no digest, or it is another one.
    """
    stated = _properties(model).get(DIGEST_KEY)
    if stated is None:
        raise BundleError("a metadata, but no digest of the file; a bundle is made by mien export")
    if _digest(content.replace(*_digits(stated, _ZEROS))) != stated:
        raise BundleError("damaged or altered, its content doesn't match its digest; copy it again")


def _properties(model: onnx.ModelProto) -> dict[str, str]:
    return {item.key: item.value for item in model.metadata_props}


def _digest(content: bytes) -> str:
    return xxhash.xxh3_128_hexdigest(content)


def _digits(before: str, after: str) -> tuple[bytes, bytes]:
    """The digest's place in the file, with its old and its new digits."""
    place = onnx.StringStringEntryProto
    return (
        place(key=DIGEST_KEY, value=before).SerializeToString(),
        place(key=DIGEST_KEY, value=after).SerializeToString(),
    )


def _unreadable(text: str, error: ValidationError) -> str:
    version = _schema_version(text)
    if isinstance(version, int) and version > SCHEMA:
        return f"made by a newer mien (metadata of schema {version}, this one reads {SCHEMA}): upgrade mien"
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "JSON"
    return f"its metadata is damaged ({where}: {first['msg']}); export the bundle again"


def _schema_version(text: str) -> object:
    try:
        metadata = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return metadata.get("schema_version") if isinstance(metadata, dict) else None
