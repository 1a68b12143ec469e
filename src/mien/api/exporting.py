"""`mien.export`: a bundle of runs and bundles."""

import logging
from pathlib import Path

from mien.arguments import FINITE, FLAG, TEXT, checked, optional
from mien.bundles.reading import Bundle
from mien.errors import RunError
from mien.faceset import FaceSet
from mien.openmp import import_torch
from mien.optional import named_extras
from mien.training.run_folder.run import RunFolder

_LOG = logging.getLogger("mien.exporting")


@named_extras()
@checked(
    RunError,
    int8=FLAG,
    tta=FLAG,
    flip=FLAG,
    blur=FLAG,
    name=optional(TEXT),
    calibration=TEXT,
    logit_adjustment=FINITE,
)
def export(
    *parts: RunFolder | Bundle | str | Path,
    out: str | Path | None = None,
    int8: bool = False,
    tta: bool = False,
    flip: bool = False,
    blur: bool = False,
    data: str | Path | FaceSet | None = None,
    name: str | None = None,
    calibration: str = "auto",
    logit_adjustment: float = 0.0,
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
        calibration: "temperature", "vector", "isotonic", "vector-isotonic", or "auto" for the one of
            lowest log loss on held-out folds of the validation faces.
        logit_adjustment: From 0 to 1: more raises the recall of rare classes and costs accuracy and
            calibration (Menon et al. 2021); with "temperature" or "vector" only.

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
        calibration=calibration,
        logit_adjustment=logit_adjustment,
        notice=_LOG.info,
    )
