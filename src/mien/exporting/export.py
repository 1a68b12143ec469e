"""From runs and bundles to a bundle: convert, join, check, quantize, calibrate, describe, write.

The entrance of this room. Nothing is written unless every check was passed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from mien import metrics
from mien.bundles.metadata import BundleMetadata
from mien.bundles.reading import find_bundle, is_bundle, read_bundle
from mien.bundles.seal import sealed
from mien.config.data import Preprocess
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.evaluation.calibration import TARGET_ACCURACY, fit_temperature
from mien.exporting.compatibility import chosen_views, require_alike
from mien.exporting.components import Part, open_parts, shared_networks
from mien.exporting.ensemble import ensemble
from mien.exporting.evaluation_data import calibration_faces, common_validation
from mien.exporting.metadata import metadata_of
from mien.exporting.quantize import quantized
from mien.exporting.verification import (
    Answers,
    bundle_answers,
    difference,
    mean_answers,
    refuse_dear_int8,
    refuse_nonsense,
    refuse_other_answers,
    softmax,
)
from mien.files import replacing
from mien.training.memory import keep_freed_memory
from mien.transforms.preprocess import equalize

CHECKED = 256
"""Validation faces that go through the parts and through the bundle."""

Notice = Callable[[str], None]


@dataclass(frozen=True)
class Choices:
    """What was asked for, beside the parts and the file."""

    int8: bool
    tta: bool
    flip: bool
    blur: bool
    data: str | None
    name: str | None


def export_bundle(
    given: Sequence[Path],
    out: Path | None,
    *,
    int8: bool,
    tta: bool,
    flip: bool,
    blur: bool,
    data: str | None,
    name: str | None,
    notice: Notice,
) -> Path:
    """Write a bundle of a run or a bundle, or of several as an ensemble, and return where it lies.

    A bundle that is there already is replaced at once by the whole new one.

    Args:
        given: One or more run folders, files of bundles or names of shipped ones; their
            probabilities are averaged, each network with the same weight.
        out: The file; RUN/NAME.onnx unless given, which only a single run needn't.
        int8: Quantize what isn't yet; the ranges come from training faces.
        tta: Put the recipe's test-time views into the graph.
        flip: Put the mirror image into the graph, and no other view.
        blur: Let the graph soften faces as training did, before all views.
        data: The source of faces, if it is no longer where the runs found it, or there are bundles only.
        name: What the bundle is called; the stem of `out`, or the run's name, unless given.
        notice: Is told each step's figures, one line a call.

    Raises:
        RunError: A run is damaged or not yet trained, several can't be joined or are the same one, or
            `out` is a file that would be lost.
        DataError: Faces are needed and can't be found.
        BundleError: A bundle can't be built in, the new one computes something else than its parts, or
            int8 costs too much.
    """
    if not given:
        raise RunError(
            "nothing to export; give a run folder, a .onnx file that mien export made, or the name of a "
            "bundle that ships with mien"
        )
    choices = Choices(int8=int8, tta=tta, flip=flip, blur=blur, data=data, name=name)
    parts = _parts(given, notice, tta=tta, blur=blur)
    called = _name(parts[0], out, choices)
    target = _target(parts, out, called)
    if out is not None:
        _refuse_loss(out, given, data)
    what = "replaced" if target.exists() else "written"
    with replacing(target) as temporary:  # opened first: that it can't be written there is told at once
        temporary.write_bytes(_bundle(parts, called, choices, notice))
        read_bundle(temporary)  # what nobody could read shall not be written
    notice(f"{what}: {target.stat().st_size / 1e6:.2f} MB")
    return target


def _parts(given: Sequence[Path], notice: Notice, *, tta: bool, blur: bool) -> list[Part]:
    """The parts, known to fit together."""
    parts = open_parts(given)
    require_alike(parts, tta=tta, blur=blur)
    for network in shared_networks(parts):
        notice(f"network {network} is in more than one part, and counts as often in the mean")
    return parts


def _bundle(parts: list[Part], name: str, choices: Choices, notice: Notice) -> bytes:
    """The bytes of the bundle, checked."""
    keep_freed_memory()
    tta = chosen_views(parts, tta=choices.tta, flip=choices.flip, blur=choices.blur)
    together = partial(
        ensemble, tta=tta, size=parts[0].size, classes=len(parts[0].classes), counts=_counts(parts)
    )
    wanted = choices.int8 and not all(part.int8 for part in parts)
    validation = common_validation(parts, choices.data)
    training = calibration_faces(parts, choices.data) if wanted else None
    seen = equalize(validation.images, Preprocess(clahe=parts[0].clahe))
    notice("converting to ONNX")
    models = [part.model() for part in parts]
    _check(together(models), parts, tta, seen, notice)
    answers = _answers(together(models), seen)
    if training is not None:
        models = _quantized(parts, models, training, notice)
        before, answers = answers, _answers(together(models), seen)
        _weigh(before, answers, validation.labels, notice)
    temperature, answers = _calibrated(answers, validation.labels, notice)
    int8 = wanted or any(part.int8 for part in parts)
    metadata = metadata_of(parts, answers, validation, name=name, temperature=temperature, tta=tta, int8=int8)
    _report(metadata, notice)
    return sealed(together(models, temperature=temperature), metadata)


def _check(
    model: onnx.ModelProto,
    parts: list[Part],
    tta: TTA | None,
    seen: NDArray[np.uint8],
    notice: Notice,
) -> None:
    """Compare the graph with its parts, on faces from all over the validation split."""
    some = seen[np.unique(np.linspace(0, len(seen) - 1, CHECKED).round().astype(np.int64))]
    expected = mean_answers([part.logits for part in parts], some, tta, _counts(parts))
    refuse_nonsense(expected)
    largest = difference(expected, bundle_answers(model.SerializeToString(), some))
    notice(f"largest difference between the bundle and its parts on {len(some)} faces: {largest:.1e}")
    refuse_other_answers(largest, int8=any(part.int8 for part in parts))


def _counts(parts: Sequence[Part]) -> list[int]:
    """How many networks each part stands for: joined at once or one by one, each weighs the same."""
    return [len(part.members) for part in parts]


def _answers(model: onnx.ModelProto, seen: NDArray[np.uint8]) -> Answers:
    """What a graph says about the whole validation split."""
    answers = bundle_answers(model.SerializeToString(), seen)
    refuse_nonsense(answers)
    return answers


def _quantized(
    parts: list[Part], models: list[onnx.ModelProto], training: NDArray[np.uint8], notice: Notice
) -> list[onnx.ModelProto]:
    """The graphs of the parts in int8, where they aren't yet."""
    notice(f"quantizing with {len(training):,} training faces")
    return [
        model if part.int8 else quantized(model, training) for part, model in zip(parts, models, strict=True)
    ]


def _calibrated(raw: Answers, labels: NDArray[np.int64], notice: Notice) -> tuple[float, Answers]:
    """Return the temperature, and the answers as they are after it."""
    temperature = fit_temperature(raw.logits, labels)
    after = softmax(raw.logits / np.float32(temperature))
    both = (raw.probabilities, after)
    losses = [metrics.log_loss(given, labels) for given in both]
    errors = [100 * metrics.calibration_error(given, labels) for given in both]
    notice(
        f"temperature {temperature:.3f}: log loss {losses[0]:.4f} to {losses[1]:.4f}, "
        f"calibration error {errors[0]:.2f} % to {errors[1]:.2f} %"
    )
    return temperature, Answers(after, raw.logits)


def _weigh(before: Answers, after: Answers, labels: NDArray[np.int64], notice: Notice) -> None:
    """Compare int8 with float32 on the whole validation split."""
    first, second = (metrics.accuracy(labels, answers.logits.argmax(axis=1)) for answers in (before, after))
    changed = float(np.abs(after.probabilities - before.probabilities).mean())
    notice(
        f"int8: accuracy {100 * first:.2f} % to {100 * second:.2f} %, "
        f"probabilities change by {changed:.4f} on average"
    )
    refuse_dear_int8(first, second, len(labels))


def _report(metadata: BundleMetadata, notice: Notice) -> None:
    """Tell what a user should know of a bundle before using it."""
    for scores in metadata.scores:
        low, high = scores.interval
        notice(
            f"accuracy on {scores.split}: {100 * scores.accuracy:.2f} % "
            f"(95 % interval {100 * low:.1f} to {100 * high:.1f}, n = {scores.n:,})"
        )
    if sure := metadata.confidence_threshold:
        notice(
            f"sure from a probability of {sure.value:.3f} on: {100 * sure.coverage:.1f} % of the faces, "
            f"{100 * sure.accuracy:.1f} % of them right"
            + (
                ""
                if sure.accuracy >= TARGET_ACCURACY
                else f"; no threshold reaches {100 * TARGET_ACCURACY:.0f} %"
            )
        )


def _name(first: Part, out: Path | None, choices: Choices) -> str:
    """The name asked for, the file's, or the run's with what makes this bundle another than its plain one."""
    if choices.name is not None:
        name = choices.name
    elif out is not None:
        name = out.stem
    else:
        kinds = {
            "tta": choices.tta,
            "flip": choices.flip,
            "blur": choices.blur,
            "int8": choices.int8,
        }
        name = "-".join([first.members[0].run, *(kind for kind, chosen in kinds.items() if chosen)])
    if not (name.strip() and name.isprintable()) or name != Path(name).name or name == "..":
        raise RunError(
            f"{name!r} is no name for a bundle; give one of printable characters without slashes, with --name"
        )
    return name


def _refuse_loss(target: Path, given: Sequence[Path], data: str | None) -> None:
    """Only a bundle of before may be replaced: neither what is read here nor a file of another kind."""
    if not target.exists():
        return
    bundles = [find_bundle(word) for word in given if is_bundle(word)]
    sources = [*given, *bundles, *([Path(data)] if data is not None else [])]
    if any(source.exists() and target.samefile(source) for source in sources):
        raise RunError(f"{target}: this export reads that file itself; choose another file with -o")
    try:
        read_bundle(target)
    except BundleError as error:
        raise RunError(
            f"{target}: exists and is no bundle, so it isn't replaced; choose another file with -o"
        ) from error


def _target(parts: Sequence[Part], out: Path | None, name: str) -> Path:
    """Where the bundle goes; known to be no folder before anything is computed."""
    run = parts[0].run
    if out is not None:
        target = out
    elif len(parts) == 1 and run is not None:
        target = run.path / f"{name}.onnx"
    else:
        what = f"{len(parts)} parts become one bundle" if len(parts) > 1 else "a bundle has no run folder"
        raise RunError(f"{what}: say where it goes, with -o FILE")
    if target.is_dir():
        raise RunError(
            f"{target}: a folder; give the file that shall be written, such as {target / 'name.onnx'}"
        )
    return target
