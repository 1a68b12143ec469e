"""`mien.export`: a bundle of runs and bundles. `mien.export_web`: a site that recognizes in the browser."""

import logging
from collections.abc import Sequence
from pathlib import Path

from mien.arguments import FLAG, PATH, TEXT, TEXTS, checked, items_of, optional, require
from mien.bundles.reading import Bundle, read_bundle
from mien.detection.options import DetectorOptions
from mien.errors import MienError, RunError
from mien.faceset import FaceSet
from mien.files import as_path
from mien.openmp import import_torch
from mien.optional import named_extras
from mien.training.run import RunFolder

_LOG = logging.getLogger("mien.exporting")

_MAX_DETECTORS = 100


@named_extras()
@checked(RunError, int8=FLAG, tta=FLAG, flip=FLAG, blur=FLAG, name=optional(TEXT))
def export(
    *parts: RunFolder | Bundle | str | Path,
    out: str | Path | None = None,
    int8: bool = False,
    tta: bool = False,
    flip: bool = False,
    blur: bool = False,
    data: str | Path | FaceSet | None = None,
    name: str | None = None,
) -> Bundle:
    """Write a bundle of a run, or an ensemble of runs and bundles, and return it.

    Its steps are logged by the logger "mien.exporting" with level INFO.

    Args:
        parts: Runs, bundles, run folders, `.onnx` files of mien, or names of shipped bundles.
        out: The file; `NAME.onnx` in the run folder by default, if there is a single run.
        int8: Quantize it: a quarter of the size, and faster.
        tta: Build the recipe's test-time augmentation into the graph.
        flip: Build the horizontal flip into the graph, and no other view.
        blur: Blur each face as much as augmentation blurred training faces.
        data: The data set or its path, if it was moved or passed to the training, or for bundles only.
        name: Name of the bundle; that of the file by default.

    Raises:
        RunError: A run is not trained, the parts can't be combined, or `out` is another kind of file.
        DataError: Faces are needed and can't be found.
        BundleError: The bundle differs from its parts, or int8 costs too much accuracy.
        MissingExtraError: PyTorch is not installed.
    """
    import_torch()
    from mien.exporting.export import export_bundle

    return export_bundle(
        parts,
        out,
        int8=int8,
        tta=tta,
        flip=flip,
        blur=blur,
        data=data,
        name=name,
        notice=_LOG.info,
    )


@checked(
    MienError, out=PATH, detectors=TEXTS, ort=optional(PATH), detector_model=optional(PATH), offline=FLAG
)
def export_web(
    *bundles: Bundle | str | Path,
    out: str | Path,
    detectors: Sequence[str] = ("auto", "whole"),
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
    from mien.web.site import write_site

    read = [one if isinstance(one, Bundle) else read_bundle(one) for one in bundles]
    model = None if detector_model is None else as_path(detector_model, "detector_model")
    options = DetectorOptions(model=model, offline=offline, notice=_LOG.info)
    package = None if ort is None else as_path(ort, "ort")
    names = tuple(items_of(detectors, "detectors", _MAX_DETECTORS))
    for name in names:
        require("detectors", name, TEXT, MienError)
    return write_site(
        read, as_path(out, "out"), detectors=names, ort=package, options=options, notice=_LOG.info
    )
