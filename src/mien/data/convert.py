"""Data sets as files that other programs read: fer2013.csv, or a folder of images by class.

Both keep pixels, labels and splits, and the names in the folder keep the order of the rows, so that
CSV to folder to CSV gives the same file again. Reading is `mien.data.read_faces`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.names import problem_of_name
from mien.files.targets import FILE_ENDINGS, require_file, require_folder
from mien.files.writing import replacing, replacing_folder
from mien.labels import EMOTIONS, SPLITS, UNLABELED, USAGES
from mien.media.images.pixels import encode_png
from mien.text import counted

SIDE = 48
"""Side of the faces of fer2013.csv in pixels."""

USAGE_OF_CODE = tuple({split: usage for usage, split in USAGES.items()}[split] for split in SPLITS)
"""FER2013's name of each split, by the code that a `FaceSet` stores."""

EXPORTED = re.compile(rf"(?:{'|'.join(USAGES)})_(?P<name>\D*(?P<number>\d+))", re.ASCII)
"""The stem of an image that `write_folder` named after a numbered row."""


def write_faces(faces: FaceSet, destination: Path, *, force: bool = False) -> None:
    """Write `faces` as a CSV where `destination` ends with .csv, else as a folder of PNG images.

    Args:
        faces: Labeled faces, gray or RGB. A CSV holds gray faces of 48 pixels of the seven emotions only.
        destination: The new file or folder. It appears when all of it is written.
        force: Replace an existing file, or a folder that contains nothing but splits.

    Raises:
        DataError: The format can't hold the faces, or `destination` exists.
        MienError: It can't be written.
    """
    refuse_taken(destination, force=force)
    (write_csv if _is_csv(destination) else write_folder)(faces, destination)


def refuse_taken(destination: Path, *, force: bool = False) -> None:
    """Check that `write_faces` may write to `destination`, before time is spent on reading.

    Raises:
        DataError: It exists, or is of the wrong kind.
    """
    (_refuse_taken_file if _is_csv(destination) else _refuse_taken_folder)(destination, force=force)


def write_csv(faces: FaceSet, path: Path) -> None:
    """Write `faces` in the format of fer2013.csv: emotion, pixels, Usage, one row per face.

    Raises:
        DataError: Classes other than the seven emotions, unlabeled faces, another size, or color.
    """
    _require_labels(faces)
    if faces.classes != EMOTIONS:
        raise DataError(
            f"{faces.source}: classes {_shortened(faces.classes)}, but fer2013.csv has only "
            f"{', '.join(EMOTIONS)}; convert to a folder instead (a destination without .csv)"
        )
    if (faces.size, faces.channels) != (SIDE, 1):
        raise DataError(
            f"{faces.source}: faces of {faces.size} pixels with {counted(faces.channels, 'channel')}, but "
            f"fer2013.csv has {SIDE} and 1 (gray); convert to a folder instead (a destination without .csv)"
        )
    with replacing(path) as temporary, temporary.open("w", encoding="ascii", newline="\n") as stream:
        stream.write("emotion,pixels,Usage\n")
        stream.writelines(_csv_rows(faces.take(row_order(faces.ids))))


def write_folder(faces: FaceSet, folder: Path) -> None:
    """Write `faces` as `<split>/<class>/<Usage>_<id>.png`, lossless.

    Raises:
        DataError: Unlabeled faces, or a class name that is no valid folder name.
    """
    _require_labels(faces)
    for name in faces.classes:
        _require_folder_name(name, faces.source)
    names = file_names(faces)
    with replacing_folder(folder) as temporary:
        for split in faces.split_names():
            for label in np.unique(faces.labels[faces.in_split(split)]):
                (temporary / split / faces.classes[label]).mkdir(parents=True)
        for image, label, split, name in zip(faces.images, faces.labels, faces.splits, names, strict=True):
            (temporary / SPLITS[split] / faces.classes[label] / name).write_bytes(encode_png(image))


def file_names(faces: FaceSet) -> list[str]:
    """Return the file name of each face, unique: its Usage, then its id without invalid characters.

    Numbers are padded with zeros to one width, so that sorted names are in the order of the rows.
    """
    stems = [_stem(name) for name in faces.ids.tolist()]
    if all(stem.isascii() and stem.isdigit() for stem in stems):
        stems = [stem.zfill(max(map(len, stems))) for stem in stems]
    if len({stem.lower() for stem in stems}) < len(stems) or not all(stems):
        stems = [f"{row:0{len(str(len(stems)))}}" for row in range(len(stems))]
    return [f"{USAGE_OF_CODE[code]}_{stem}.png" for code, stem in zip(faces.splits, stems, strict=True)]


def row_order(ids: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the positions, (n,), that put faces of an exported folder back into the order of their rows.

    Faces of any other source keep their order: only numbers of one width, each there once and
    after the same prefix, are row numbers.
    """
    matches = [EXPORTED.fullmatch(Path(name).stem) for name in ids.tolist()]
    names = [match["name"] for match in matches if match]
    prefixes = {match["name"].removesuffix(match["number"]) for match in matches if match}
    is_export = len(set(names)) == len(ids) and len({len(name) for name in names}) == 1 and len(prefixes) == 1
    return np.argsort(names) if is_export else np.arange(len(ids))


def _is_csv(destination: Path) -> bool:
    return destination.suffix.lower() == ".csv"


def _csv_rows(faces: FaceSet) -> Iterator[str]:
    words = [str(value) for value in range(256)]
    for image, label, split in zip(faces.images, faces.labels, faces.splits, strict=True):
        pixels = " ".join(map(words.__getitem__, image.tobytes()))
        yield f"{label},{pixels},{USAGE_OF_CODE[split]}\n"


def _stem(name: str) -> str:
    """Return the file's stem in an id, without the Usage and without invalid characters."""
    stem = re.sub(r"\.[A-Za-z]{1,5}$", "", re.split(r"[/\\]", name)[-1])
    return re.sub(r"[^\w.-]", "_", re.sub(rf"^(?:{'|'.join(USAGES)})_", "", stem))[:100]


def _require_labels(faces: FaceSet) -> None:
    missing = int((faces.labels == UNLABELED).sum())
    if missing:
        raise DataError(
            f"{faces.source}: no label for {missing:,} of {counted(len(faces), 'face')}, and neither a CSV "
            "nor folders by class can hold those; convert a source with labels"
        )


def _require_folder_name(name: str, source: str) -> None:
    if problem := problem_of_name(name):
        raise DataError(
            f"{source}: the class name {name!r} is no valid folder name on all systems ({problem}); rename "
            "the class"
        )


def _refuse_taken_file(path: Path, *, force: bool) -> None:
    if path.is_dir():
        raise DataError(f"{path}: this is a folder; give the name of a new .csv file")
    if require_file(path).file is not None and path.exists() and not force:
        raise DataError(f"{path}: this file exists already; pass force=True to replace it")


def _refuse_taken_folder(folder: Path, *, force: bool) -> None:
    """A folder is replaced only if it contains nothing but splits: force must not delete a home folder."""
    if not folder.is_dir():
        if folder.exists() or folder.suffix.lower() in FILE_ENDINGS:
            raise DataError(f"{folder}: not a folder; the destination is a new folder, or a .csv file")
        require_folder(folder)
        return
    require_folder(folder.resolve().parent)
    entries = {entry.name for entry in folder.iterdir()}
    if entries - set(SPLITS):
        other = sorted(entries - set(SPLITS))[0]
        raise DataError(f"{folder}: this folder contains {other!r}, which is no split; give a new folder")
    if entries and not force:
        raise DataError(f"{folder}: this folder exists already; pass force=True to replace it")


def _shortened(names: tuple[str, ...]) -> str:
    return ", ".join(names[:7]) + (", ..." if len(names) > 7 else "")
