"""Writes a site: the page, ONNX Runtime Web, the networks, and the manifest."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from mien.bundles.description import listing
from mien.bundles.reading import Bundle
from mien.detection.options import DetectorOptions
from mien.errors import BundleError, MienError
from mien.files.identify import SITE, identify
from mien.files.targets import require_folder
from mien.files.writing import replacing_folder, synchronize
from mien.text import listed, utf8
from mien.web import manifest
from mien.web.detectors import SiteDetector, site_detectors
from mien.web.licenses import FILE as LICENSES
from mien.web.licenses import licenses_text
from mien.web.ort_files import runtime_files
from mien.web.page_files import SERVICE_WORKER, page_files, service_worker, stored_names

DETECTORS: Final = ("auto", "whole")
"""Detectors of a site by default."""


def write_site(
    bundles: Sequence[Bundle],
    out: Path,
    *,
    detectors: Sequence[str] = DETECTORS,
    ort: Path | None = None,
    options: DetectorOptions | None = None,
    notice: Callable[[str], None],
) -> Path:
    """Write a static site that recognizes faces in the browser, and return its folder.

    Args:
        bundles: One or more; the first is the default.
        out: The folder: a new or empty one, or a site, which is replaced as a whole.
        detectors: Names of detectors that a browser can run; the first is the default.
        ort: Folder or archive of ONNX Runtime Web; by default the cache, or a download.
        options: Where the files of the detectors are, and whether they may be downloaded.
        notice: Called with a line about each download.

    Raises:
        BundleError: A browser can't run a bundle.
        DetectorError: A detector is not available.
        MienError: The folder has other files, or the runtime is not available.
    """
    require_site_folder(out)
    chosen = options or DetectorOptions(notice=notice)
    entries = _entries(bundles)
    runtime = runtime_files(ort, offline=chosen.offline, notice=notice)
    found = site_detectors(detectors, chosen)
    contents = page_files()
    contents |= {f"ort/{name}": content for name, content in runtime.items()}
    contents |= {entry["file"]: bundle.content for entry, bundle in zip(entries, bundles, strict=True)}
    contents |= dict(_networks(found))
    contents[LICENSES] = utf8(licenses_text((one.metadata for one in bundles), (one.name for one in found)))
    contents[manifest.FILE] = _json(manifest.make_manifest(entries, found, _paths(found)))
    contents[SERVICE_WORKER] = service_worker(contents)
    with replacing_folder(out) as folder:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            synchronize(path)
    return out


def require_site_folder(path: Path) -> None:
    """Check that a site can be written to a folder.

    Raises:
        MienError: It is a file, or has files that are not those of a site.
    """
    require_folder(path)
    if not path.is_dir():
        return
    own = stored_names(path / SERVICE_WORKER) if identify(path) is SITE else set()
    foreign = sorted({entry.name for entry in path.iterdir()} - own)
    if foreign:
        raise MienError(
            f"{path}: has files that are not those of a site of mien ({listed(foreign, 3)}); "
            "give a new or empty folder",
            path=path, expected="a new or empty folder, or a site",
        )  # fmt: skip


def _entries(bundles: Sequence[Bundle]) -> list[dict[str, Any]]:
    """Return the bundles as the manifest lists them."""
    if not bundles:
        raise BundleError("no bundle, expected one or more")
    names = [bundle.metadata.name for bundle in bundles]
    if len(set(names)) < len(names):
        raise BundleError(f"two bundles have the name {max(names, key=names.count)!r}")
    for bundle in bundles:
        if bundle.metadata.clahe is not None:
            raise BundleError(f"{bundle.name}: its faces need CLAHE, which a site doesn't compute")
    return [
        listing(bundle.metadata.name, bundle.metadata, is_default=number == 0)
        | {"file": f"models/bundle-{number + 1}.onnx", "batch": bundle.batch}
        for number, bundle in enumerate(bundles)
    ]


def _paths(detectors: Iterable[SiteDetector]) -> dict[str, dict[str, str]]:
    return {one.name: {part: f"models/{one.name}-{part}.onnx" for part in one.files} for one in detectors}


def _networks(detectors: Iterable[SiteDetector]) -> Iterable[tuple[str, bytes]]:
    paths = _paths(detectors)
    return [(paths[one.name][part], content) for one in detectors for part, content in one.files.items()]


def _json(value: object) -> bytes:
    return utf8(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
