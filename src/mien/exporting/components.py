"""The components of a bundle: the network of a run, or an existing bundle.

A component has its graph from faces to logits, the properties that all components of a bundle share,
and the metadata that it contributes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from mien.bundles.metadata import PRETRAINED_NOTE, UNFINISHED_NOTE, Member
from mien.bundles.reading import Bundle, is_bundle, read_bundle, shipped_names
from mien.config.data import Clahe
from mien.config.distillation import Distillation
from mien.config.recipe import MEASURED
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.evaluation.runs import checkpoint_digest
from mien.exporting.convert import OPSET, to_onnx
from mien.exporting.graph import RunGraph
from mien.exporting.verification import network_logits, run_graph
from mien.files.writing import as_path
from mien.training.inference import read_network
from mien.training.progress import progress_of
from mien.training.run_folder.run import RunFolder

ExportInput = RunFolder | Bundle | str | Path
"""A run, a bundle, a run folder, the file of a bundle, or the name of a shipped bundle."""


@dataclass(frozen=True, eq=False)
class Component:
    """A run's network or a bundle, whose probabilities enter the mean of a new bundle.

    Attributes:
        name: How it was requested: a run folder, a path, or a shipped name.
        run: The run; None for a bundle.
        path: Its folder or file; None for a bundle in memory.
        classes: Names of the classes, in the order of the logits.
        size: Height and width of the faces in pixels.
        channels: 1 for gray faces, 3 for RGB.
        clahe: CLAHE to apply to faces before the graph.
        tta: Test-time augmentation already in the graph of a bundle.
        int8: Already quantized; for a bundle, at least one of its networks.
        members: Metadata of each network in it; their number is its weight in the mean.
        notes: Further notes for the metadata.
        commands: The command lines that made a bundle; none for a shipped one.
        to_onnx: Returns the graph: uint8 `faces` to float32 (n, classes) `logits`.
        logits: Computes logits (n, classes) of faces, independently of the new bundle.
    """

    name: str
    run: RunFolder | None
    path: Path | None
    classes: tuple[str, ...]
    size: int
    channels: int
    clahe: Clahe | None
    tta: TTA | None
    int8: bool
    members: tuple[Member, ...]
    notes: str
    commands: tuple[str, ...]
    to_onnx: Callable[[], onnx.ModelProto]
    logits: Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def open_component(given: ExportInput) -> Component:
    """Return a run or a bundle as a component.

    Raises:
        RunError: It is neither, or a run without a valid checkpoint.
        BundleError: It is a damaged bundle, or one whose graph can't be a component.
    """
    if isinstance(given, RunFolder):
        return component_of_run(given)
    if isinstance(given, Bundle):
        return component_of_bundle(given)
    if not isinstance(given, str | PathLike):
        raise RunError(
            f"part of type {type(given).__name__}, expected a run, a bundle, or the path or name of one; "
            "pass several as separate arguments"
        )
    path = as_path(given, "part", RunError)
    if is_bundle(path) or path.is_file():
        return component_of_bundle(read_bundle(path))
    if path.exists():
        return component_of_run(RunFolder(path))
    raise RunError(
        f"{path}: no such run folder or bundle; give the folder of a run, a .onnx file exported "
        f"from a run, or the name of a shipped bundle: {', '.join(shipped_names())}",
        path=path,
    )


def component_of_run(run: RunFolder) -> Component:
    """Return the best network of a run as a component.

    Raises:
        RunError: Its checkpoint is missing, damaged, or of another network.
    """
    graph = RunGraph(read_network(run), run.recipe.preprocess)
    return Component(
        name=str(run.path),
        run=run,
        path=run.path,
        classes=run.classes,
        size=run.info.size,
        channels=run.info.channels,
        clahe=run.recipe.preprocess.clahe,
        tta=None,
        int8=False,
        members=(_member(run, graph),),
        notes=_notes(run),
        commands=(),
        to_onnx=partial(to_onnx, graph, run.info.size, run.info.channels),
        logits=partial(network_logits, graph),
    )


def component_of_bundle(bundle: Bundle) -> Component:
    """Return a bundle without its calibration as a component.

    Raises:
        BundleError: Its graph has another opset, or subgraphs.
    """
    metadata, model = bundle.metadata, onnx.load_from_string(bundle.content)
    _require_plain_graph(bundle.name, model)
    return Component(
        name=bundle.name,
        run=None,
        path=bundle.path,
        classes=metadata.classes,
        size=metadata.size,
        channels=metadata.channels,
        clahe=metadata.clahe,
        tta=metadata.tta,
        int8=metadata.precision == "int8",
        members=metadata.members,
        notes=metadata.notes,
        commands=() if bundle.name in shipped_names() else metadata.commands,
        to_onnx=lambda: model,
        logits=lambda faces: run_graph(bundle.content, faces).logits,
    )


def _member(run: RunFolder, graph: RunGraph) -> Member:
    """Return the metadata of a run's network, without paths of this machine."""
    return Member(
        run=run.name,
        recipe_name=run.info.recipe_name,
        recipe=_recipe(run),
        source=Path(run.source).name,
        fingerprint=run.fingerprint,
        weights=checkpoint_digest(run) or "",
        parameters=sum(weight.numel() for weight in graph.parameters()),
    )


def _recipe(run: RunFolder) -> dict[str, Any]:
    """Return the recipe with all overrides, without measured results; teachers by their file names."""
    tree = run.recipe.model_dump(mode="json", exclude=set(MEASURED))
    if (distillation := run.recipe.distillation) is not None:
        rest = {key: value for key, value in tree["distillation"].items() if key != "predictions"}
        from_file = distillation.predictions is not None
        names = _file_names(distillation)
        tree["distillation"] = rest | (
            {"teachers": [], "predictions": names[0]} if from_file else {"teachers": names}
        )
    return tree


def _teachers(run: RunFolder) -> list[str]:
    return _file_names(run.recipe.distillation) if run.recipe.distillation else []


def _file_names(distillation: Distillation) -> list[str]:
    """Return the teachers, or the file of their predictions, without their folders."""
    return [Path(name).name for name in distillation.teachers or [distillation.predictions or ""]]


def _notes(run: RunFolder) -> str:
    """Return what else went into the weights, or limits them, in sentences."""
    pretrained, teachers = run.info.pretrained, sorted(set(_teachers(run)))
    notes = [f"{PRETRAINED_NOTE} {Path(pretrained).name}."] if pretrained else []
    notes += [f"{run.name} was distilled from {' and '.join(teachers)}."] if teachers else []
    progress = progress_of(run)
    if not progress.finished:
        notes.append(f"{run.name} {UNFINISHED_NOTE} (epoch {progress.epoch} of {progress.epochs}).")
    notes += [
        f"{run.name} was extended from {one.before} to {one.epochs} epochs after epoch {one.after_epoch}."
        for one in run.info.extensions
    ]
    return " ".join([*notes, *run.info.leakage_warnings])


def _require_plain_graph(name: str, model: onnx.ModelProto) -> None:
    versions = [item.version for item in model.opset_import]
    branches = any(item.HasField("g") or item.graphs for node in model.graph.node for item in node.attribute)
    if versions != [OPSET] or branches:
        found = "a graph with subgraphs" if branches else f"ONNX opset {', '.join(map(str, versions))}"
        raise BundleError(
            f"{name}: {found}, expected a plain graph of opset {OPSET}; export it again from its run "
            "with this version of mien"
        )
