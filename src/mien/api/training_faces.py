"""The faces of a training: read as a recipe says, with notices of what was left out."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.api.data import remarks
from mien.api.recipes import override_strings
from mien.config.recipe import Recipe
from mien.data import read_source
from mien.data.classes import Classes
from mien.data.named_sources import downloaded
from mien.data.remarks import class_remarks
from mien.errors import DataError, RunError
from mien.faceset import FaceSet
from mien.files.targets import is_inside
from mien.files.writing import as_path
from mien.training.callbacks import Callback, CallbackList
from mien.training.run_folder.faces import describe_source
from mien.training.run_folder.info import Source


def with_faces(overrides: Mapping[str, Any] | Iterable[str], faces: str | None) -> list[str]:
    """Return overrides as strings, with one for the argument `faces` if it is given."""
    return [*override_strings(overrides), *([] if faces is None else [f"data.faces={faces}"])]


def require_outside(folder: Path, data: str | Path | FaceSet | None) -> None:
    """Refuse a folder to write that is inside the data set to read.

    Raises:
        RunError: It is.
    """
    if isinstance(data, str | Path) and is_inside(folder, Path(data)):
        raise RunError(
            f"{folder}: a folder inside the data set {data}, whose images would be read as faces of it; "
            "pass out=... for a folder outside of it",
            path=folder,
        )


def read_training_faces(
    data: str | Path | FaceSet | None,
    recipe: Recipe,
    ferplus: str | Path | None,
    callbacks: Sequence[Callback],
    classes: Classes | None,
    *,
    skip_bad: bool,
) -> tuple[Source, FaceSet]:
    """Return the faces of a training and where they came from; report what was left out.

    Args:
        data: As in `mien.train`, like the other arguments.
        recipe: Its section `data` decides size, channels and whether faces are detected.
        ferplus: As in `mien.train`.
        callbacks: Receive each remark on the data set as a notice.
        classes: As in `mien.train`.
        skip_bad: As in `mien.train`.

    Raises:
        RunError: There is no data set, or an argument is for the path of one and `data` is a `FaceSet`.
        DataError: The data set can't be read.
    """
    if data is None:
        raise RunError(
            "training needs a data set: pass data=... with a CSV, an archive or a folder of faces, "
            "synthetic:COUNT for synthetic faces, or kaggle for FER2013"
        )
    votes = None if ferplus is None else as_path(ferplus, "ferplus", DataError)
    if isinstance(data, FaceSet):
        refuse_arguments_of_paths(classes, votes)
        faces, notes, detector = data, class_remarks(data), None
    else:
        data, shape = downloaded(data), recipe.data
        reading = read_source(
            data, ferplus=votes, size=shape.size, channels=shape.channels, faces=shape.faces, classes=classes,
            skip_bad=skip_bad,
        )  # fmt: skip
        faces, notes, detector = reading.faces, remarks(reading), reading.images.detector or None
    for note in notes:
        CallbackList(callbacks).on_notice(note)
    source = describe_source(data, votes, faces, skip_bad=skip_bad, detector=detector, classes=classes)
    return source, faces


def refuse_arguments_of_paths(classes: Classes | None, ferplus: str | Path | None) -> None:
    """Refuse what a `FaceSet` has of its own.

    Raises:
        RunError: One is given.
    """
    if classes is not None:
        raise RunError("classes: a FaceSet has its own; pass classes=... with a path as data only")
    if ferplus is not None:
        raise RunError("ferplus: a FaceSet has its own votes; pass ferplus=... with a path as data only")
