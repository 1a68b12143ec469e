"""Corrections of a run's training faces (`data.exclude`, `data.relabel`): copies of the files in its folder.

A run keeps copies, and their digests in `run.json`, so it is resumed with the same faces whatever happens to
the files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import xxhash

from mien.config.recipe import Recipe
from mien.data.corrections import Corrections, applied, correction_notes, read_corrections
from mien.data.folds import fold_numbers
from mien.data.splits import with_validation
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.bounded import read_bytes
from mien.files.writing import write_bytes
from mien.labels import TRAIN
from mien.limits import MAX_TEXT_BYTES
from mien.training.run_folder.run import RunFolder

COPIES: Final = {"exclude": "exclude.csv", "relabel": "relabel.csv"}
"""Name of the copy in the run folder, by the key of the recipe's section `data`."""


@dataclass(frozen=True)
class CorrectionFile:
    """A file of corrections: its content, and the digest of it."""

    corrections: Corrections
    content: bytes
    digest: str


CorrectionFiles = Mapping[str, CorrectionFile]
"""The files by the key of the section `data`."""


def open_corrections(recipe: Recipe) -> CorrectionFiles:
    """Read the files that a recipe names.

    Raises:
        DataError: One is missing, or not the CSV of an audit.
    """
    paths = {"exclude": recipe.data.exclude, "relabel": recipe.data.relabel}
    return {key: _read(Path(path)) for key, path in paths.items() if path is not None}


def read_copies(run: RunFolder) -> CorrectionFiles:
    """Read the copies in a run folder; a missing one is replaced by the file itself.

    Raises:
        DataError: A file is missing or was changed.
    """
    found = {}
    for key, digest in run.info.corrections.items():
        copy, original = run.path / COPIES[key], run.recipe_tree["data"][key]
        path = copy if copy.is_file() else Path(original)
        found[key] = _read(path)
        if found[key].digest != digest:
            raise DataError(
                f"{path}: it was changed since the run was created; restore it, or train a new run",
                path=path,
                expected=digest,
            )
    return found


def write_copies(folder: Path, files: CorrectionFiles) -> None:
    """Write the copies into a run folder.

    Raises:
        MienError: They can't be written.
    """
    for key, file in files.items():
        write_bytes(folder / COPIES[key], file.content, parents=False)


def digests_of_corrections(files: CorrectionFiles) -> dict[str, str]:
    """Return the digest of each file."""
    return {key: file.digest for key, file in files.items()}


def with_absolute_corrections(recipe: Recipe) -> Recipe:
    """Return the recipe with absolute paths of these files, as the record of where they came from."""
    paths = {"exclude": recipe.data.exclude, "relabel": recipe.data.relabel}
    absolute = {key: str(Path(path).resolve()) for key, path in paths.items() if path is not None}
    return recipe.model_copy(update={"data": recipe.data.model_copy(update=absolute)}) if absolute else recipe


def divided(faces: FaceSet, recipe: Recipe, files: CorrectionFiles | None = None) -> FaceSet:
    """Return the faces as a training uses them: with a validation split, corrected, and without its fold.

    The hold-out comes first, so that trainings with other corrections and folds are validated on the same
    faces with the same labels.

    Args:
        faces: The data set as it was read.
        recipe: The recipe.
        files: The corrections; those that the recipe names if None.

    Raises:
        DataError: The corrections don't fit the faces, or a class has too few of them.
    """
    files = open_corrections(recipe) if files is None else files
    found = _held_out(faces, recipe)
    fold = recipe.data.fold
    if fold is None and not files:
        return found
    labels, kept = applied(found, *_both(files))
    if fold is not None:
        kept &= (fold_numbers(faces, fold.of, fold.seed) != fold.number) | ~found.in_split(TRAIN)
    return replace(found, labels=labels).take(kept)


def notes_on_corrections(files: CorrectionFiles, faces: FaceSet, recipe: Recipe) -> list[str]:
    """Return what the corrections change, one sentence each; arguments as `divided`."""
    return correction_notes(_held_out(faces, recipe), *_both(files)) if files else []


def _held_out(faces: FaceSet, recipe: Recipe) -> FaceSet:
    always = recipe.data.validation == "holdout"
    return with_validation(faces, recipe.data.holdout, recipe.train.seed, always=always)


def _both(files: CorrectionFiles) -> tuple[Corrections | None, Corrections | None]:
    exclude, relabel = (files[key].corrections if key in files else None for key in COPIES)
    return exclude, relabel


def _read(path: Path) -> CorrectionFile:
    try:
        content = read_bytes(path, MAX_TEXT_BYTES)
    except OSError as error:
        raise DataError(f"{path}: can't read it ({error.strerror or error})", path=path) from error
    return CorrectionFile(read_corrections(path), content, xxhash.xxh3_128(content).hexdigest())
