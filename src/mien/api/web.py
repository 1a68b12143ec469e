"""`mien.export_web`: a site that recognizes in the visitor's browser. Needs no torch."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mien.arguments import FLAG, PATH, TEXT, TEXTS, checked, items_of, optional, require
from mien.bundles.reading import Bundle, read_bundle
from mien.detection.options import DetectorOptions
from mien.errors import MienError
from mien.files.writing import as_path
from mien.web.site import DETECTORS, write_site

_LOG = logging.getLogger("mien")

_MAX_DETECTORS: Final = 100


@checked(
    MienError, out=PATH, detectors=TEXTS, ort=optional(PATH), detector_model=optional(PATH), offline=FLAG
)
def export_web(
    *bundles: Bundle | str | Path,
    out: str | Path,
    detectors: Sequence[str] = DETECTORS,
    ort: str | Path | None = None,
    detector_model: str | Path | None = None,
    offline: bool = False,
) -> Path:
    """Write the page of `mien serve` as a static site, which recognizes in the visitor's browser.

    Images and frames never leave the browser. The site works without a network after it was opened once.
    Browsers open it from a web server only, such as `python -m http.server --directory SITE`.

    Args:
        bundles: Bundles, `.onnx` files of mien, or names of shipped bundles; the first is the default.
        out: The folder: a new or empty one, or a site, which is replaced as a whole.
        detectors: Detectors of the page: "auto" (YuNet if its file is available, else MTCNN), "yunet",
            "mtcnn", "whole" (each image is a face); the first is the default.
        ort: The npm package onnxruntime-web, as a folder or .tgz file; by default it is downloaded once.
        detector_model: File of YuNet; by default `$MIEN_YUNET`, the cache, or a download.
        offline: Download nothing.

    Returns:
        The folder.

    Raises:
        BundleError: A bundle can't be read, or a browser can't run it.
        DetectorError: A browser can't run a detector, or its file is not available.
        MienError: The folder has other files, or the runtime is not available.
    """
    read = [one if isinstance(one, Bundle) else read_bundle(one) for one in bundles]
    model = None if detector_model is None else as_path(detector_model, "detector_model")
    options = DetectorOptions(model=model, offline=offline, notice=_LOG.warning)
    package = None if ort is None else as_path(ort, "ort")
    names = tuple(items_of(detectors, "detectors", _MAX_DETECTORS))
    for name in names:
        require("detectors", name, TEXT, MienError)
    return write_site(
        read, as_path(out, "out"), detectors=names, ort=package, options=options, notice=_LOG.warning
    )
