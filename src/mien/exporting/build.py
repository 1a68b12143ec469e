"""Builds the bytes of a bundle: convert, join, verify, quantize, calibrate, describe."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray

from mien import metrics
from mien.bundles.calibration import Calibration
from mien.bundles.description import describe_calibration
from mien.bundles.metadata import INPUT, BundleMetadata, input_shape
from mien.bundles.seal import sealed
from mien.bundles.validation import BATCH
from mien.config.data import Preprocess
from mien.errors import BundleError, GraphError
from mien.evaluation.calibration.methods import Choice, fit_calibration
from mien.evaluation.calibration.threshold import TARGET_ACCURACY
from mien.exporting.ensemble import UNCALIBRATED, ensemble
from mien.exporting.metadata import metadata_of
from mien.exporting.options import Notice
from mien.exporting.quantize import quantized
from mien.exporting.resolve import ExportInputs
from mien.exporting.verification import (
    GraphOutput,
    expected_output,
    largest_difference,
    require_finite,
    require_int8_accuracy,
    require_same_output,
    run_graph,
)
from mien.percent import percent
from mien.runtime.checks.graph import check_batch, parse_model
from mien.text import counted
from mien.training.memory import keep_freed_memory
from mien.transforms.preprocess import equalize

VERIFIED_FACES: Final = 256
"""Number of validation faces on which the bundle is compared with its components."""

FEW_FACES: Final = 100
"""Below this number of validation faces, the calibration is stated to be rough."""


def build_bundle(inputs: ExportInputs, name: str, commands: Sequence[str], notice: Notice) -> bytes:
    """Return the bytes of a verified bundle.

    Args:
        inputs: What it is made from.
        name: Its name.
        commands: The command lines that make it, for its metadata.
        notice: Receives the metrics of each step.

    Raises:
        RunError: A network returns no finite logits.
        BundleError: The bundle computes something else than its components, or int8 costs too much accuracy.
    """
    keep_freed_memory()
    faces = equalize(inputs.validation.images, Preprocess(clahe=inputs.components[0].clahe))
    notice("converting to ONNX")
    models = [component.to_onnx() for component in inputs.components]
    require_runnable(_joined(models, inputs), inputs.components[0].size, inputs.components[0].channels)
    _verify(_joined(models, inputs), inputs, faces, notice)
    output = _output(_joined(models, inputs), faces)
    if inputs.calibration is not None:
        models = _quantized(models, inputs, inputs.calibration, notice)
        before, output = output, _output(_joined(models, inputs), faces)
        _compare_int8(before, output, inputs.validation.labels, notice)
    choice = _calibrated(output, inputs, notice)
    int8 = inputs.calibration is not None or any(component.int8 for component in inputs.components)
    metadata = metadata_of(inputs, choice, output, name=name, int8=int8, commands=commands)
    _report(metadata, notice)
    return sealed(_joined(models, inputs, choice.calibration), metadata)


def require_runnable(model: onnx.ModelProto, size: int, channels: int) -> None:
    """Check that a bundle of this graph could be read, before it is run, quantized and calibrated.

    Args:
        model: The graph of a bundle.
        size: Height and width of the faces in pixels.
        channels: 1 for gray faces, 3 for RGB.

    Raises:
        BundleError: It has an operator that mien doesn't run, or takes too much memory or time.
    """
    content = model.SerializeToString()
    try:
        check_batch(content, parse_model(content), INPUT, input_shape(size, channels), BATCH)
    except GraphError as error:
        raise BundleError(
            f"the network can't become a bundle: its graph {error}; nothing was written"
        ) from error


def _joined(
    models: Sequence[onnx.ModelProto], inputs: ExportInputs, calibration: Calibration = UNCALIBRATED
) -> onnx.ModelProto:
    first = inputs.components[0]
    return ensemble(
        models,
        inputs.tta,
        size=first.size,
        channels=first.channels,
        classes=len(first.classes),
        calibration=calibration,
        counts=inputs.counts,
    )


def _verify(model: onnx.ModelProto, inputs: ExportInputs, faces: NDArray[np.uint8], notice: Notice) -> None:
    """Compare the graph with its components, on faces from the whole validation split."""
    some = faces[np.unique(np.linspace(0, len(faces) - 1, VERIFIED_FACES).round().astype(np.int64))]
    expected = expected_output([one.logits for one in inputs.components], some, inputs.tta, inputs.counts)
    require_finite(expected)
    difference = largest_difference(expected, run_graph(model.SerializeToString(), some))
    notice(
        f"largest difference between the bundle and its components on {counted(len(some), 'face')}: "
        f"{difference:.1e}"
    )
    require_same_output(difference, int8=any(component.int8 for component in inputs.components))


def _output(model: onnx.ModelProto, faces: NDArray[np.uint8]) -> GraphOutput:
    """Return what a graph computes for the whole validation split."""
    output = run_graph(model.SerializeToString(), faces)
    require_finite(output)
    return output


def _quantized(
    models: Sequence[onnx.ModelProto], inputs: ExportInputs, calibration: NDArray[np.uint8], notice: Notice
) -> list[onnx.ModelProto]:
    """Return the graphs of the components in int8."""
    notice(f"quantizing with {counted(len(calibration), 'training face')}")
    return [
        model if component.int8 else quantized(model, calibration)
        for component, model in zip(inputs.components, models, strict=True)
    ]


def _calibrated(raw: GraphOutput, inputs: ExportInputs, notice: Notice) -> Choice:
    """Return the fitted calibration."""
    labels = inputs.validation.labels
    if len(labels) < FEW_FACES:
        notice(
            f"calibrated on {counted(len(labels), 'face')} only: confidence and threshold are rough estimates"
        )
    choice = fit_calibration(raw.logits, labels, inputs.method, inputs.logit_adjustment)
    notice(
        f"uncalibrated: log loss {metrics.log_loss(raw.probabilities, labels):.4f}, "
        f"calibration error {percent(metrics.calibration_error(raw.probabilities, labels), 2)}"
    )
    for scores in choice.calibration.out_of_fold:
        notice(
            f"calibration {scores.method}: log loss {scores.log_loss:.4f}, calibration error "
            f"{percent(scores.calibration_error, 2)} on held-out folds"
        )
    notice(f"calibrated by {describe_calibration(choice.calibration)}")
    return choice


def _compare_int8(before: GraphOutput, after: GraphOutput, labels: NDArray[np.int64], notice: Notice) -> None:
    """Compare int8 with float32 on the whole validation split."""
    first, second = (metrics.accuracy(labels, output.logits.argmax(axis=1)) for output in (before, after))
    changed = float(np.abs(after.probabilities - before.probabilities).mean())
    notice(
        f"int8: accuracy {100 * first:.2f} % to {100 * second:.2f} %, "
        f"mean absolute change of the probabilities {changed:.4f}"
    )
    require_int8_accuracy(first, second, len(labels))


def _report(metadata: BundleMetadata, notice: Notice) -> None:
    for scores in metadata.scores:
        low, high = scores.interval
        notice(
            f"accuracy on {scores.split}: {100 * scores.accuracy:.2f} % "
            f"(95 % interval {100 * low:.1f} to {100 * high:.1f}, n = {scores.n:,})"
        )
    if threshold := metadata.confidence_threshold:
        notice(
            f"confidence threshold {threshold.value:.3f}: coverage {100 * threshold.coverage:.1f} % at "
            f"{100 * threshold.accuracy:.1f} % selective accuracy"
            if threshold.coverage
            else f"no confidence threshold reaches {100 * TARGET_ACCURACY:.0f} % selective accuracy: the "
            "bundle marks every face as uncertain, unless another threshold is passed"
        )
