"""Distillation: what other networks say about each augmented face becomes (part of) its target.

The teachers are bundles, run by ONNX Runtime on the CPU wherever the student learns. They see the very
faces that the student sees (Hinton et al. 2015; on equal views: Beyer et al. 2022).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from mien.bundles.metadata import INPUT, LOGITS, BundleMetadata
from mien.bundles.onnx_session import blaming, open_session
from mien.bundles.reading import Bundle, find_bundle, read_bundle, shipped_names
from mien.config.data import Clahe, Preprocess
from mien.config.distillation import Distillation
from mien.config.recipe import Recipe
from mien.errors import BundleError, RunError
from mien.faceset import FaceSet
from mien.transforms.preprocess import equalize

BATCH: Final = 64
"""Faces at a time: a large teacher's maps of a whole batch would take gigabytes."""

_HINT: Final = (
    "; train and export the teachers first, as the comment of the recipe describes "
    "(mien recipes show NAME), or set distillation.teachers=small, a bundle that ships with mien"
)


class Teachers:
    """The teachers of a training as one: the mean of their softmaxes, mixed with the labels.

    Args:
        config: Share and temperature.
        bundles: The teachers; all of one side and the same classes.
        preprocess: The student's preparation: its CLAHE is behind the faces that will be shown.

    Raises:
        BundleError: ONNX Runtime can't run one of them.
    """

    def __init__(self, config: Distillation, bundles: Sequence[Bundle], preprocess: Preprocess) -> None:
        self.cards = {bundle.name: bundle.metadata for bundle in bundles}
        self.digests = {bundle.name: hashlib.sha256(bundle.content).hexdigest() for bundle in bundles}
        self._config = config
        self._side = bundles[0].metadata.size
        self._all = [_One(bundle, preprocess) for bundle in bundles]

    def taught(self, gray: Tensor, targets: Tensor) -> Tensor:
        """Return `targets` with the teachers' share in them.

        Args:
            gray: float, (n, 1, side, side) of 0..1, augmented, not yet standardized; on any device.
            targets: What the labels say: float32, (n, classes), rows sum to 1.
        """
        return torch.lerp(targets, self.soft_targets(gray).to(targets), self._config.alpha)

    def soft_targets(self, gray: Tensor) -> Tensor:
        """Return the teachers' answers, float32 (n, classes) on the CPU; rows sum to 1.

        Args:
            gray: As `taught` takes it; faces of another side are resized to the teachers'.
        """
        faces = _levels(gray, self._side)
        logits = torch.stack([teacher.logits(faces) for teacher in self._all])
        return torch.softmax(logits / self._config.temperature, 2).mean(0)


class _One:
    """One teacher, and the CLAHE that it needs beyond the student's."""

    def __init__(self, bundle: Bundle, preprocess: Preprocess) -> None:
        self._name = bundle.name
        done = bundle.metadata.clahe == preprocess.clahe
        self._prepare = Preprocess(clahe=None if done else bundle.metadata.clahe)
        with blaming(bundle.name):
            self._session = open_session(bundle.content, torch.get_num_threads(), spinning=False)

    def logits(self, faces: NDArray[np.uint8]) -> Tensor:
        """Logits (n, classes) of faces (n, side, side).

        Not the probabilities: those were calibrated on the labels of validation, which must never
        reach a training.
        """
        seen = equalize(faces, self._prepare)
        parts = [seen[start : start + BATCH] for start in range(0, len(seen), BATCH)]
        with blaming(self._name):
            found = [self._session.run([LOGITS], {INPUT: part})[0] for part in parts]
        return torch.from_numpy(np.concatenate(found))


def open_teachers(recipe: Recipe, faces: FaceSet) -> Teachers | None:
    """Return the teachers of a recipe, or None if it has none.

    Args:
        recipe: Its teacher and preparation are used.
        faces: What the student learns from; their classes and side must be the teachers' too.

    Raises:
        BundleError: A teacher is missing, damaged, or not made for such faces.
    """
    if recipe.distillation is None:
        return None
    bundles = [_read_fitting(name, recipe, faces) for name in recipe.distillation.teachers]
    return Teachers(recipe.distillation, bundles, recipe.preprocess)


def require_teachers(recipe: Recipe) -> None:
    """Refuse a new training whose teachers aren't there, before anything takes long.

    Raises:
        BundleError: One is missing; how it is made is told by the recipe's own lines.
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
            "take another teacher, or train without (distillation=null)"
        )
    return bundle


def _differences(metadata: BundleMetadata, recipe: Recipe, faces: FaceSet) -> dict[str, tuple[str, str]]:
    """What a teacher has otherwise than the faces as they are shown, each with what it should be."""
    clahe = recipe.preprocess.clahe
    both = {
        "classes": (", ".join(metadata.classes), ", ".join(faces.classes)),
        "faces of side": (str(metadata.size), str(faces.size)),
        # What CLAHE did can't be undone for a teacher that wants none, or another.
        "CLAHE": (_worded(metadata.clahe), _worded(clahe)) if clahe else ("", ""),
    }
    return {what: pair for what, pair in both.items() if pair[0] != pair[1]}


def _worded(clahe: Clahe | None) -> str:
    return f"of clip {clahe.clip_limit:g} in {clahe.tiles}x{clahe.tiles} tiles" if clahe else "none"


def found_from_anywhere(recipe: Recipe) -> Recipe:
    """Return the recipe with whole paths of its teachers, so that a run can be resumed from any folder.

    Shipped names stay, and so does what isn't there: whoever reads it shall name it as it was given.
    """
    if recipe.distillation is None:
        return recipe
    shipped = shipped_names()
    names = tuple(
        str(Path(name).resolve()) if name not in shipped and Path(name).exists() else name
        for name in recipe.distillation.teachers
    )
    return recipe.model_copy(
        update={"distillation": recipe.distillation.model_copy(update={"teachers": names})}
    )


def require_same_teachers(found: Mapping[str, str], begun: Mapping[str, str], run: Path) -> None:
    """Refuse to go on with other teachers than a run began with.

    Args:
        found: Digests of the teachers as they are now, by name.
        begun: Those that the run began with.
        run: Its folder.

    Raises:
        RunError: They differ.
    """
    for name in {**begun, **found}:
        if found.get(name) != begun.get(name):
            raise RunError(
                f"{run}: its teacher {name} is another bundle than it began with (SHA-256 "
                f"{_short(found, name)}, expected {_short(begun, name)}); put the same one back there, or "
                "start a new run"
            )


def _short(digests: Mapping[str, str], name: str) -> str:
    return digests[name][:16] if name in digests else "none"


def leakage_warnings(
    teachers: Teachers, recipe: Recipe, fingerprint: str, *, held_out: bool
) -> Iterator[str]:
    """Yield, a sentence a teacher, why scores of the student may be too good: faces its teacher knows.

    Args:
        teachers: The teachers.
        recipe: The student's.
        fingerprint: Of the student's source.
        held_out: The student's validation split is taken from training.
    """
    own = _division(recipe.model_dump())
    for path, metadata in teachers.cards.items():
        name = Path(path).name
        others = [member for member in metadata.members if member.fingerprint != fingerprint]
        if others:
            yield (
                f"Its teacher {name} was trained on other faces ({others[0].source}): if those of validation "
                "or test were among them, scores on these splits are too good."
            )
        elif held_out and any(_division(member.recipe) != own for member in metadata.members):
            yield (
                f"Its teacher {name} was trained under another data.holdout or train.seed, so it knows faces "
                "that are held out for validation here: scores on them are too good."
            )


def _division(recipe: Mapping[str, Any]) -> tuple[object, object]:
    """What the split of a source without validation goes by."""
    return recipe.get("data", {}).get("holdout"), recipe.get("train", {}).get("seed")


def _levels(gray: Tensor, size: int) -> NDArray[np.uint8]:
    """Levels as a bundle takes them: uint8, (n, size, size) or (n, size, size, 3)."""
    faces = gray.detach().cpu().float()
    if faces.shape[3] != size:
        faces = F.interpolate(faces, size=(size, size), mode="bilinear", antialias=True)
    faces = faces[:, 0] if faces.shape[1] == 1 else faces.permute(0, 2, 3, 1)
    levels: NDArray[np.uint8] = (faces * 255).round().clamp(0, 255).to(torch.uint8).contiguous().numpy()
    return levels
