"""Knowledge distillation: the predictions of teachers for each augmented face are mixed into its target.

Teachers are bundles, run by ONNX Runtime. They get the same augmented faces as the student (Hinton et al.
2015, "Distilling the knowledge in a neural network"; Beyer et al. 2022, "Knowledge distillation: a good
teacher is patient and consistent").
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from mien.bundles.metadata import INPUT, LOGITS, BundleMetadata
from mien.bundles.outputs import check_logits
from mien.bundles.reading import Bundle, find_bundle, read_bundle, shipped_names
from mien.config.data import Clahe, Preprocess
from mien.config.distillation import Distillation
from mien.config.recipe import Recipe
from mien.errors import BundleError, MienError, RunError
from mien.faceset import FaceSet
from mien.runtime.base import Graph
from mien.runtime.failures import failures_as
from mien.runtime.opening import open_graph
from mien.training.soft_targets.shipped_targets import shipped_targets
from mien.transforms.preprocess import equalize

_CPU: Final = torch.device("cpu")

_HINT: Final = (
    "; train and export the teachers first, as the comment of the recipe describes, "
    "or set distillation.teachers=small, a bundle that ships with mien"
)


class Teachers:
    """The teachers of a training: the mean of their softmax outputs, mixed with the labels.

    Args:
        config: Alpha and temperature.
        bundles: The teachers; all of the same face size and classes.
        preprocess: Preprocessing of the student: its CLAHE was applied to the faces already.
        device: Device of the training; teachers use it if ONNX Runtime can, otherwise the CPU.

    Raises:
        BundleError: ONNX Runtime can't run one of them.
    """

    def __init__(
        self,
        config: Distillation,
        bundles: Sequence[Bundle],
        preprocess: Preprocess,
        device: torch.device = _CPU,
    ) -> None:
        self.metadata = {bundle.name: bundle.metadata for bundle in bundles}
        self.digests = {bundle.name: hashlib.sha256(bundle.content).hexdigest() for bundle in bundles}
        self._config = config
        self._size = bundles[0].metadata.size
        self._all = [_Teacher(bundle, preprocess, device) for bundle in bundles]

    def mixed_targets(self, gray: Tensor, targets: Tensor) -> Tensor:
        """Return (1 - alpha) * `targets` + alpha * the teachers' probabilities.

        Args:
            gray: float, (n, 1, side, side) of 0..1, augmented, not yet standardized; on any device.
            targets: Targets from the labels: float32, (n, classes), rows sum to 1.
        """
        return torch.lerp(targets, self.soft_targets(gray).to(targets), self._config.alpha)

    def soft_targets(self, gray: Tensor) -> Tensor:
        """Return the mean probabilities of the teachers, float32 (n, classes) on the CPU; rows sum to 1.

        Args:
            gray: As for `mixed_targets`; faces of another size are resized to that of the teachers.
        """
        faces = _levels(gray, self._size)
        logits = torch.stack([teacher.logits(faces) for teacher in self._all])
        return torch.softmax(logits / self._config.temperature, 2).mean(0)


def _open(content: bytes, device: torch.device) -> Graph:
    """Open a teacher on the GPU of the training if ONNX Runtime can use it, otherwise on the CPU."""
    if device.type == "cuda":
        with suppress(MienError):
            return _open_on(content, f"cuda:{device.index or 0}")
    return _open_on(content, "cpu")


def _open_on(content: bytes, device: str) -> Graph:
    threads = torch.get_num_threads()
    return open_graph(content, engine="onnx", threads=threads, device=device, spinning=False)


class _Teacher:
    """One teacher, and the CLAHE that it needs in addition to that of the student."""

    def __init__(self, bundle: Bundle, preprocess: Preprocess, device: torch.device) -> None:
        self._bundle = bundle
        done = bundle.metadata.clahe == preprocess.clahe
        self._prepare = Preprocess(clahe=None if done else bundle.metadata.clahe)
        with failures_as(BundleError, f"bundle {bundle.name}"):
            self._graph = _open(bundle.content, device)

    def logits(self, faces: NDArray[np.uint8]) -> Tensor:
        """Logits (n, classes) of faces (n, side, side).

        Not the probabilities: those were calibrated with the labels of validation, which must not
        influence training.
        """
        seen = equalize(faces, self._prepare)
        batch = self._bundle.batch
        parts = [seen[start : start + batch] for start in range(0, len(seen), batch)]
        with failures_as(BundleError, f"bundle {self._bundle.name}"):
            found = np.concatenate([self._graph.run({INPUT: part})[LOGITS] for part in parts])
        check_logits(found, (len(faces), len(self._bundle.metadata.classes)), self._bundle.name)
        return torch.from_numpy(found)


def open_teachers(recipe: Recipe, faces: FaceSet, device: torch.device = _CPU) -> Teachers | None:
    """Return the teachers of a recipe, or None if it has none.

    Args:
        recipe: Its `distillation` and `preprocess` are used.
        faces: The faces of the training; the teachers must have the same classes and size.
        device: Device of the training.

    Raises:
        BundleError: A teacher is missing, damaged, or made for other faces.
    """
    if recipe.distillation is None or not recipe.distillation.teachers:
        return None
    bundles = [_read_fitting(name, recipe, faces) for name in recipe.distillation.teachers]
    return Teachers(recipe.distillation, bundles, recipe.preprocess, device)


def require_teachers(recipe: Recipe) -> None:
    """Check that the teachers of a recipe exist, before anything slow starts.

    Raises:
        BundleError: One is missing.
    """
    for name in recipe.distillation.teachers if recipe.distillation else ():
        try:
            find_bundle(name)
        except BundleError as error:
            raise BundleError(f"distillation.teachers: {error}{_HINT}") from error


def _read_fitting(name: str, recipe: Recipe, faces: FaceSet) -> Bundle:
    try:
        bundle = read_bundle(name)
    except BundleError as error:
        raise BundleError(f"distillation.teachers: {error}") from error
    for what, (its, wanted) in _differences(bundle.metadata, recipe, faces).items():
        raise BundleError(
            f"teacher {name}: made for {what} {its}, but {faces.source} and the recipe have {wanted}; "
            "use another teacher, or train without one (distillation=null)"
        )
    return bundle


def _differences(metadata: BundleMetadata, recipe: Recipe, faces: FaceSet) -> dict[str, tuple[str, str]]:
    """The properties of a teacher that differ from those of the faces, each with the required value."""
    clahe = recipe.preprocess.clahe
    both = {
        "classes": (", ".join(metadata.classes), ", ".join(faces.classes)),
        "faces of size": (str(metadata.size), str(faces.size)),
        "channels": (str(metadata.channels), str(faces.channels)),
        # CLAHE can't be undone for a teacher without it, or with other parameters.
        "CLAHE": (_worded(metadata.clahe), _worded(clahe)) if clahe else ("", ""),
    }
    return {what: pair for what, pair in both.items() if pair[0] != pair[1]}


def _worded(clahe: Clahe | None) -> str:
    return f"of clip {clahe.clip_limit:g} in {clahe.tiles}x{clahe.tiles} tiles" if clahe else "none"


def with_absolute_teachers(recipe: Recipe) -> Recipe:
    """Return the recipe with absolute paths of its teachers and predictions, to be resumed from any folder.

    Shipped names stay, and so do missing paths, which errors name as they were given.
    """
    if recipe.distillation is None:
        return recipe
    shipped = shipped_names()
    names = tuple(
        str(Path(name).resolve()) if name not in shipped and Path(name).exists() else name
        for name in recipe.distillation.teachers
    )
    predictions = recipe.distillation.predictions
    if predictions and predictions not in shipped_targets():
        predictions = str(Path(predictions).resolve())
    changes = {"teachers": names, "predictions": predictions}
    return recipe.model_copy(update={"distillation": recipe.distillation.model_copy(update=changes)})


def require_same_teachers(found: Mapping[str, str], begun: Mapping[str, str], run: Path) -> None:
    """Check that the teachers of a run have not changed.

    Args:
        found: Digests of the teachers now, by name.
        begun: Digests when the run started.
        run: The run folder.

    Raises:
        RunError: They differ.
    """
    for name in {**begun, **found}:
        if found.get(name) != begun.get(name):
            raise RunError(
                f"{run}: its teacher {name} has changed (SHA-256 {_short(found, name)}, expected "
                f"{_short(begun, name)}); restore the original bundle, or start a new run",
                path=run,
            )


def _short(digests: Mapping[str, str], name: str) -> str:
    return digests[name][:16] if name in digests else "none"


def leakage_warnings(
    teachers: Teachers, recipe: Recipe, fingerprint: str, *, held_out: bool
) -> Iterator[str]:
    """Yield one sentence for each teacher whose training set may contain evaluation faces of the student.

    Args:
        teachers: The teachers.
        recipe: The student's.
        fingerprint: Of the student's source.
        held_out: The student's validation split is taken from training.
    """
    own = division(recipe.model_dump())
    for path, metadata in teachers.metadata.items():
        name = Path(path).name
        others = [member for member in metadata.members if member.fingerprint != fingerprint]
        if others:
            yield (
                f"Its teacher {name} was trained on another data set ({others[0].source}): if it contains "
                "validation or test faces, the scores on these splits are too high."
            )
        elif held_out and any(division(member.recipe) != own for member in metadata.members):
            yield (
                f"Its teacher {name} was trained with another data.holdout or train.seed, so it was "
                "trained on faces that are held out for validation here: the scores on them are too high."
            )


def division(recipe: Mapping[str, Any]) -> tuple[object, ...]:
    """What determines the hold-out of a data set."""
    data = recipe.get("data", {})
    return data.get("validation", "source"), data.get("holdout"), recipe.get("train", {}).get("seed")


def _levels(gray: Tensor, size: int) -> NDArray[np.uint8]:
    """Levels as a bundle takes them: uint8, (n, size, size) or (n, size, size, 3)."""
    faces = gray.detach().cpu().float()
    if faces.shape[3] != size:
        faces = F.interpolate(faces, size=(size, size), mode="bilinear", antialias=True)
    faces = faces[:, 0] if faces.shape[1] == 1 else faces.permute(0, 2, 3, 1)
    levels: NDArray[np.uint8] = (faces * 255).round().clamp(0, 255).to(torch.uint8).contiguous().numpy()
    return levels
