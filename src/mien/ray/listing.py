"""Data sets of the addresses of images, in folders and object stores."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mien.arguments import INTEGER, TEXT, Kind, checked, optional, within
from mien.errors import ImageError, MienError
from mien.media.images.reading import IMAGE_SUFFIXES
from mien.optional import import_optional
from mien.recognition.sources.folders import images_in_folder
from mien.recognition.sources.items import Failure

EXTRA: Final = "ray"
PATH: Final = "path"
"""Column of the addresses."""


def _are_addresses(value: Any) -> bool:  # noqa: ANN401 - any argument
    addresses = [value] if isinstance(value, str) else value
    return isinstance(addresses, list | tuple) and len(addresses) > 0 and all(map(TEXT.accepts, addresses))


@checked(
    addresses=Kind(_are_addresses, "an address of images, or a list of them"),
    blocks=optional(within(INTEGER, 1, 1_000_000)),
)
def read_images(addresses: str | Sequence[str], *, blocks: int | None = None) -> Any:  # noqa: ANN401 - ray has no types
    """Return a Ray data set with the addresses of images in the column `path`; nothing is read yet.

    Args:
        addresses: Folders, files or patterns: paths, or addresses of fsspec such as "s3://bucket/photos/" and
            "gs://bucket/**/*.jpg". Images below a folder are listed by their endings, as in `mien predict`.
        blocks: Number of blocks, the units of work; by default a block for each 1,000 images, 16 at least.

    Raises:
        MissingExtraError: Ray or fsspec, or the file system of an address, is not installed.
        MienError: An address has no images, or can't be listed.
    """
    data = import_optional("ray.data", EXTRA)
    given = [addresses] if isinstance(addresses, str) else list(addresses)
    paths = sorted({path for address in given for path in list_images(address)})
    count = blocks or max(min(16, len(paths)), len(paths) // 1000)
    return data.from_items([{PATH: path} for path in paths], override_num_blocks=count)


def list_images(address: str) -> list[str]:
    """Return the addresses of the images below a folder or that match a pattern, sorted.

    Raises:
        MissingExtraError: fsspec, or the file system of the address, is not installed.
        MienError: There are no images, or it can't be listed.
    """
    if Path(address).is_dir():
        return _in_folder(address)
    core = import_optional("fsspec.core", EXTRA)
    try:
        system, root = core.url_to_fs(address)
        is_pattern = any(sign in root for sign in "*?[")
        found = system.glob(root) if is_pattern else system.find(root)
    except ImportError as error:
        raise MienError(f"{address}: {error}") from error
    except Exception as error:
        raise ImageError(f"{address}: can't be listed ({error})") from error
    images = sorted(path for path in found if is_image(path) or path == root)
    if not images:
        raise ImageError(f"{address}: no images")
    return [system.unstrip_protocol(path) if "://" in address else path for path in images]


def _in_folder(folder: str) -> list[str]:
    """Return the images below a folder of this machine, as `mien predict` finds them."""
    items = list(images_in_folder(folder))
    failures = [item.message for item in items if isinstance(item, Failure)]
    if failures:
        raise ImageError(failures[0])
    return sorted(item.source for item in items)


def is_image(path: str) -> bool:
    """Return whether a path has the ending of an image, and no part of it is hidden."""
    parts = PurePosixPath(path)
    is_hidden = any(part.startswith(".") and part not in (".", "..") for part in parts.parts[-2:])
    return parts.suffix.lower() in IMAGE_SUFFIXES and not is_hidden
