"""From run folders to a bundle: calibrate, convert, quantise, check, describe, write.

The entrance of this room. Nothing is written unless every check was passed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from mien import metrics
from mien.bundle.card import Card
from mien.bundle.read import read_bundle
from mien.bundle.seal import sealed
from mien.errors import RunError
from mien.evaluate.calibrate import fit_temperature
from mien.export.check import (
    Answers,
    bundle_answers,
    difference,
    refuse_dear_int8,
    refuse_nonsense,
    refuse_other_answers,
    torch_answers,
)
from mien.export.convert import to_onnx
from mien.export.describe import card_of
from mien.export.faces import calibration_faces, common_validation
from mien.export.graph import BundleGraph
from mien.export.members import joined, require_alike
from mien.export.quantise import quantised
from mien.files import replacing
from mien.train.memory import keep_freed_memory
from mien.train.run import Run, read_run
from mien.transforms.prepare import equalise

CHECKED = 256
"""Validation faces that go through torch and through the bundle."""

Notice = Callable[[str], None]


@dataclass(frozen=True)
class Choices:
    """What was asked for, beside the runs and the file."""

    int8: bool
    tta: bool
    data: str | None
    name: str | None


def export_bundle(
    runs: Sequence[Path],
    out: Path | None,
    *,
    int8: bool,
    tta: bool,
    data: str | None,
    name: str | None,
    notice: Notice,
) -> Path:
    """Write the bundle of a run, or of several as an ensemble, and return where it lies.

    A file that is there already is replaced at once by the whole new one.

    Args:
        runs: One or more run folders; their probabilities are averaged.
        out: The file; RUN/NAME.onnx unless given, which several runs need.
        int8: Quantise; the ranges come from training faces.
        tta: Put the recipe's test-time views into the graph.
        data: The runs' source of faces, if it is no longer where they found it.
        name: What the bundle is called; the stem of `out`, or the run's name, unless given.
        notice: Is told each step's figures, one line a call.

    Raises:
        RunError: A run is damaged or not yet trained, or several can't be joined.
        DataError: Faces are needed and can't be found.
        BundleError: The bundle computes something else than the networks, or int8 costs too much.
    """
    opened = [read_run(path) for path in runs]
    if not opened:
        raise RunError("no run to export; give the folder of one")
    choices = Choices(int8=int8, tta=tta, data=data, name=name)
    require_alike(opened, tta=tta)
    called = _name(opened, out, choices)
    target = _target(opened, out, called)
    content = _bundle(opened, called, choices, notice)
    what = "replaced" if target.exists() else "written"
    with replacing(target) as temporary:
        temporary.write_bytes(content)
        read_bundle(temporary)  # what nobody could read shall not be written
    notice(f"{what}: {len(content) / 1e6:.2f} MB")
    return target


def _bundle(runs: list[Run], name: str, choices: Choices, notice: Notice) -> bytes:
    """The bytes of the bundle, checked."""
    keep_freed_memory()
    validation = common_validation(runs, choices.data)
    training = calibration_faces(runs[0], choices.data) if choices.int8 else None
    seen = equalise(validation.images, runs[0].recipe.prepare)
    graph = joined(runs, runs[0].recipe.views if choices.tta else None)
    notice(f"calibrating on {len(seen):,} validation faces")
    answers = _calibrate(graph, torch_answers(graph, seen), validation.labels, notice)
    notice("converting to ONNX")
    model = to_onnx(graph, runs[0].info.side)
    _check(model, answers, seen, notice)
    if training is not None:
        notice(f"quantising with {len(training):,} training faces")
        model = quantised(model, training)
        before, answers = answers, bundle_answers(model.SerializeToString(), seen)
        _weigh(before, answers, validation.labels, notice)
    card = card_of(runs, graph, answers, validation, name=name, int8=choices.int8)
    _report(card, notice)
    return sealed(model, card)


def _calibrate(graph: BundleGraph, raw: Answers, labels: NDArray[np.int64], notice: Notice) -> Answers:
    """Set the temperature, and return the answers as they are after it."""
    refuse_nonsense(raw)
    graph.temperature = fit_temperature(raw.logits, labels)
    calibrated = graph.calibrated(torch.tensor(raw.logits)).numpy()
    both = (raw.probabilities, calibrated)
    losses = [metrics.log_loss(given, labels) for given in both]
    errors = [100 * metrics.calibration_error(given, labels) for given in both]
    notice(
        f"temperature {graph.temperature:.3f}: log loss {losses[0]:.4f} to {losses[1]:.4f}, "
        f"calibration error {errors[0]:.2f} % to {errors[1]:.2f} %"
    )
    return Answers(calibrated, raw.logits)


def _check(model: onnx.ModelProto, answers: Answers, seen: NDArray[np.uint8], notice: Notice) -> None:
    """Compare the float32 graph with torch, on faces from all over the validation split."""
    some = np.unique(np.linspace(0, len(seen) - 1, CHECKED).round().astype(np.int64))
    expected = Answers(answers.probabilities[some], answers.logits[some])
    largest = difference(expected, bundle_answers(model.SerializeToString(), seen[some]))
    notice(f"largest difference between torch and the bundle on {len(some)} faces: {largest:.1e}")
    refuse_other_answers(largest)


def _weigh(before: Answers, after: Answers, labels: NDArray[np.int64], notice: Notice) -> None:
    """Compare int8 with float32 on the whole validation split."""
    first, second = (metrics.accuracy(labels, answers.logits.argmax(axis=1)) for answers in (before, after))
    changed = float(np.abs(after.probabilities - before.probabilities).mean())
    notice(
        f"int8: accuracy {100 * first:.2f} % to {100 * second:.2f} %, "
        f"probabilities change by {changed:.4f} on average"
    )
    refuse_dear_int8(first, second, len(labels))


def _report(card: Card, notice: Notice) -> None:
    """Tell what a user should know of a bundle before using it."""
    for scores in card.scores:
        low, high = scores.interval
        notice(
            f"accuracy on {scores.split}: {100 * scores.accuracy:.2f} % "
            f"(95 % interval {100 * low:.1f} to {100 * high:.1f}, n = {scores.n:,})"
        )
    if sure := card.sureness:
        notice(
            f"sure from a probability of {sure.threshold:.3f} on: {100 * sure.coverage:.1f} % of the faces, "
            f"{100 * sure.accuracy:.1f} % of them right"
        )


def _name(runs: Sequence[Run], out: Path | None, choices: Choices) -> str:
    """The name asked for, the file's, or the run's with what makes this bundle another than its plain one."""
    if choices.name is not None:
        name = choices.name
    elif out is not None:
        name = out.stem
    else:
        name = "-".join([runs[0].name, *["tta"] * choices.tta, *["int8"] * choices.int8])
    if not name.strip() or name != Path(name).name or name == "..":
        raise RunError(f"{name!r} is no name for a bundle; give one without slashes")
    return name


def _target(runs: Sequence[Run], out: Path | None, name: str) -> Path:
    """Where the bundle goes; known to be no folder before anything is computed."""
    if out is None and len(runs) > 1:
        raise RunError(f"{len(runs)} runs become one bundle: say where it goes, with -o FILE")
    target = runs[0].path / f"{name}.onnx" if out is None else out
    if target.is_dir():
        raise RunError(
            f"{target}: a folder; give the file that shall be written, such as {target / 'name.onnx'}"
        )
    return target
