"""The entry point of an export: from runs and bundles to the file of one bundle."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mien.bundles.reading import Bundle, read_bundle
from mien.errors import RunError
from mien.evaluation.calibration.methods import AUTO, require_method
from mien.exporting.build import build_bundle
from mien.exporting.commands import commands_of
from mien.exporting.components import ExportInput
from mien.exporting.destination import choose_name, choose_path
from mien.exporting.options import Data, ExportOptions, Notice
from mien.exporting.resolve import open_components, resolve_inputs
from mien.files.writing import as_path, replacing

_LOGGER = logging.getLogger("mien")


def export_bundle(
    inputs: Sequence[ExportInput],
    out: str | Path | None = None,
    *,
    int8: bool = False,
    tta: bool = False,
    flip: bool = False,
    blur: bool = False,
    data: Data | None = None,
    name: str | None = None,
    calibration: str = AUTO,
    logit_adjustment: float = 0,
    notice: Notice = _LOGGER.info,
) -> Bundle:
    """Write the bundle of a run or a bundle, or of several as an ensemble, and return it.

    The probabilities of several components are averaged, every network with the same weight. Nothing is
    written unless all checks pass; an existing bundle is replaced atomically.

    Args:
        inputs: Runs, bundles, run folders, files of bundles or names of shipped bundles, one or more.
        out: The .onnx file to write; NAME.onnx in the run folder by default, for a single run.
        int8: Quantize the components that are still in float32, calibrated with training faces.
        tta: Put the test-time augmentation of the recipes into the graph.
        flip: Put the horizontal flip into the graph, and no other view.
        blur: Blur the faces before all views, as bilinear resampling did in training.
        data: The data set or its path, if it is no longer where the runs found it, or for bundles only.
        name: Name of the bundle; that of the file, or of the run, by default.
        calibration: "temperature", "vector", "isotonic", "vector-isotonic", or "auto" for the one of
            lowest log loss on held-out folds of the validation faces.
        logit_adjustment: Exponent of logit adjustment, 0 to 1, after "temperature" or "vector".
        notice: Receives the metrics of each step, a line a call; by default the logger "mien".

    Returns:
        The bundle as read from the file; `path` is the file.

    Raises:
        RunError: A run is damaged or untrained, components can't be joined, or `out` can't be used.
        DataError: Faces are needed and can't be read.
        BundleError: A bundle can't be a component, the new one computes something else than its
            components, or int8 costs too much accuracy.
    """
    require_method(calibration, logit_adjustment)
    options = ExportOptions(
        int8=int8, tta=tta, flip=flip, blur=blur, data=data, name=name, calibration=calibration,
        logit_adjustment=logit_adjustment,
    )  # fmt: skip
    components = open_components(inputs)
    requested = None if out is None else as_path(out, "out", RunError)
    called = choose_name(components, requested, options)
    path = choose_path(components, requested, called, data)
    resolved = resolve_inputs(components, options, notice)
    commands = commands_of(components, options, path.name, called)
    verb = "replaced" if path.is_file() else "written"
    content = build_bundle(resolved, called, commands, notice)
    with replacing(path) as temporary:
        temporary.write_bytes(content)
        bundle = read_bundle(temporary)  # a bundle that can't be read must not be written
    notice(f"{verb}: {len(content) / 1e6:.2f} MB")
    return replace(bundle, name=str(path), path=path)
