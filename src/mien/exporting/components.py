"""The parts that become one bundle: a run's network, or a bundle that was made before.

A part knows what it shares with the others, its graph from faces to logits, and what it says
itself, which a bundle made of it has to say as well.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from mien.bundles.metadata import STARTED_FROM, Member
from mien.bundles.reading import Bundle, find_bundle, is_bundle, read_bundle, shipped_names
from mien.config.data import Clahe
from mien.config.recipe import MEASURED
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.evaluation.runs import checkpoint_digest
from mien.exporting.convert import OPSET, to_onnx
from mien.exporting.graph import RunGraph
from mien.exporting.verification import bundle_answers, network_logits
from mien.training.inference import read_network
from mien.training.run import RunFolder

Logits = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Part:
    """One of those whose probabilities a bundle averages, weighed by the number of its networks.

    Attributes:
        given: What it was asked for by: a run folder, a path, or a shipped name.
        run: The run, unless it is a bundle.
        classes: Names of the classes, in the order of the logits.
        size: Side of its faces in pixels.
        clahe: How they are equalized, before `model`.
        tta: What a bundle averages over inside already.
        int8: It is quantized already; of a bundle, at least one network inside.
        members: What a metadata tells of each network inside.
        notes: What a metadata says beside that.
        model: Returns its graph: uint8 (n, side, side) `faces` to float32 (n, classes) `logits`.
        logits: Returns its logits (n, classes) of faces, computed by what it came from.
    """

    given: str
    run: RunFolder | None
    classes: tuple[str, ...]
    size: int
    clahe: Clahe | None
    tta: TTA | None
    int8: bool
    members: tuple[Member, ...]
    notes: str
    model: Callable[[], onnx.ModelProto]
    logits: Callable[[NDArray[np.uint8]], Logits]


def open_parts(given: Sequence[Path]) -> list[Part]:
    """Return several runs and bundles as parts.

    Raises:
        RunError: As `open_part`, or one is given twice, by the same word or another.
        BundleError: As `open_part`.
    """
    parts, known = [], dict[Path, Path]()
    for word in given:
        parts.append(open_part(word))
        place = (find_bundle(word) if is_bundle(word) else word).resolve()
        if place in known:
            raise RunError(f"{known[place]} and {word}: the same part, which would count twice; give it once")
        known[place] = word
    return parts


def shared_networks(parts: Sequence[Part]) -> list[str]:
    """Return the runs of those networks that are in more than one part, and so count more than once."""
    inside = Counter(
        member for part in parts for member in {(member.run, member.weights) for member in part.members}
    )
    return sorted(run for (run, weights), times in inside.items() if weights and times > 1)


def open_part(given: Path) -> Part:
    """Return a run or a bundle, as `is_bundle` tells them apart, as a part.

    Raises:
        RunError: It is neither, or a run without a whole checkpoint.
        BundleError: It is a damaged bundle, or one that can't be built in.
    """
    if is_bundle(given) or given.is_file():
        return part_of_bundle(read_bundle(given))
    if given.exists():
        return part_of_run(RunFolder(given))
    raise RunError(
        f"{given}: no such run folder or bundle; give the folder of a run, a .onnx file that mien export "
        f"made, or one of the bundles that ship with mien: {', '.join(shipped_names())}"
    )


def part_of_run(run: RunFolder) -> Part:
    """Return the best network of a run.

    Raises:
        RunError: Its checkpoint is missing, damaged or of another network.
    """
    graph = RunGraph(read_network(run), run.recipe.preprocess)
    return Part(
        given=str(run.path),
        run=run,
        classes=run.classes,
        size=run.info.size,
        clahe=run.recipe.preprocess.clahe,
        tta=None,
        int8=False,
        members=(_member(run, graph),),
        notes=_notes(run),
        model=partial(to_onnx, graph, run.info.size),
        logits=partial(network_logits, graph),
    )


def part_of_bundle(bundle: Bundle) -> Part:
    """Return a bundle without its calibration.

    Raises:
        BundleError: Its graph is of another opset or has graphs inside, as no bundle of this mien has.
    """
    metadata, model = bundle.metadata, onnx.load_from_string(bundle.content)
    _refuse_foreign(bundle.name, model)
    return Part(
        given=bundle.name,
        run=None,
        classes=metadata.classes,
        size=metadata.size,
        clahe=metadata.clahe,
        tta=metadata.tta,
        int8=metadata.precision == "int8",
        members=tuple(_without_claims(member) for member in metadata.members),
        notes=metadata.notes,
        model=lambda: model,
        logits=lambda faces: bundle_answers(bundle.content, faces).logits,
    )


def _member(run: RunFolder, graph: RunGraph) -> Member:
    """What a metadata tells of a run, without a path of this machine."""
    return Member(
        run=run.name,
        recipe_name=run.info.recipe_name,
        recipe=_recipe(run),
        source=Path(run.source).name,
        fingerprint=run.fingerprint,
        weights=checkpoint_digest(run) or "",
        parameters=sum(weight.numel() for weight in graph.parameters()),
    )


def _without_claims(member: Member) -> Member:
    """The same without what its recipe said of its worth, which bundles of before hold."""
    recipe = {key: value for key, value in member.recipe.items() if key not in MEASURED}
    return member.model_copy(update={"recipe": recipe})


def _recipe(run: RunFolder) -> dict[str, Any]:
    """The recipe as used, without what it says of its worth; its teachers by the names of their files."""
    tree = run.recipe.model_dump(mode="json", exclude=set(MEASURED))
    if run.recipe.distillation:
        tree["distillation"]["teachers"] = _teachers(run)
    return tree


def _teachers(run: RunFolder) -> list[str]:
    return [Path(name).name for name in run.recipe.distillation.teachers] if run.recipe.distillation else []


def _notes(run: RunFolder) -> str:
    """Weights that a training started from or was taught by have terms of their own, too."""
    origin = Path(run.info.pretrained).name if run.info.pretrained else None
    notes = [f"{STARTED_FROM} {origin}."] if origin else []
    teachers = sorted(set(_teachers(run)))
    notes += [f"{run.name} was taught by {' and '.join(teachers)}."] if teachers else []
    return " ".join([*notes, *run.info.leakage_warnings])


def _refuse_foreign(name: str, model: onnx.ModelProto) -> None:
    versions = [item.version for item in model.opset_import]
    branches = any(item.HasField("g") or item.graphs for node in model.graph.node for item in node.attribute)
    if versions != [OPSET] or branches:
        found = "graphs inside its graph" if branches else f"ONNX opset {', '.join(map(str, versions))}"
        raise BundleError(
            f"{name}: {found}, expected a plain graph of opset {OPSET} to build in; "
            "export it from its run with this mien"
        )
