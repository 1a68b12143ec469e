"""Small builders that tests share: random face sets, and files as the data sets have them."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faceset import FaceSet
from mien.labels import EMOTIONS, SPLITS, TEST, TRAIN, USAGES, VALIDATION
from mien.predictions import Predictions

USAGE_OF_SPLIT = {split: usage for usage, split in USAGES.items()}

Row = tuple[object, object, str]
"""Emotion, pixels (an array, or the text as it shall stand in the file), Usage."""


def faces(
    n: int, classes: int | Sequence[str] = 7, seed: int = 0, *, size: int = 48, channels: int = 1
) -> FaceSet:
    """Return `n` random faces: classes take turns; of ten in a row, 8 train, 1 validates, 1 tests."""
    rng = np.random.default_rng(seed)
    names = _class_names(classes)
    tenth = np.arange(n) % 10
    return FaceSet(
        images=rng.integers(0, 256, (n, size, size, 3)[: 3 if channels == 1 else 4], dtype=np.uint8),
        labels=np.arange(n, dtype=np.int64) % len(names),
        splits=np.select(
            [tenth == 8, tenth == 9], [SPLITS.index(VALIDATION), SPLITS.index(TEST)], SPLITS.index(TRAIN)
        ).astype(np.uint8),
        ids=np.array([f"{number:05d}" for number in range(n)], dtype=np.str_),
        classes=names,
        source=f"random:{n}:{seed}",
    )


def rows_of(some: FaceSet) -> list[Row]:
    """Return the rows that `fer_csv` takes, one a face."""
    return [
        (int(label), image, USAGE_OF_SPLIT[SPLITS[split]])
        for image, label, split in zip(some.images, some.labels, some.splits, strict=True)
    ]


def fer_csv(path: Path, rows: Iterable[Row] | FaceSet, header: str = "emotion,pixels,Usage") -> Path:
    """Write `rows` (or a face set's) to `path` in the format of fer2013.csv, and return `path`."""
    if isinstance(rows, FaceSet):
        rows = rows_of(rows)
    lines = [f"{emotion},{pixel_text(pixels)},{usage}" for emotion, pixels, usage in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def pixel_text(pixels: object) -> str:
    """Return an image as a CSV's text; anything else becomes its own text."""
    if isinstance(pixels, np.ndarray):
        return " ".join(map(str, pixels.reshape(-1).tolist()))
    return str(pixels)


Files = Mapping[str, bytes]
"""Contents by path below a root."""


def png(level: int, shape: tuple[int, ...] = (48, 48)) -> bytes:
    """Return an encoded image of one gray level."""
    return bytes(cv2.imencode(".png", np.full(shape, level, np.uint8))[1])


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG whose header declares so many pixels, and that has none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def folder_of(path: Path, files: Files) -> Path:
    """Write `files` below the folder `path`, and return it."""
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def zip_of(path: Path, files: Files) -> Path:
    """Write `files` into a zip at `path`, and return `path`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tar_of(path: Path, files: Files, mode: str = "w:gz") -> Path:
    """Write `files` into a tar at `path`, compressed by gzip unless `mode` says otherwise."""
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def probabilities(n: int, classes: int = 7, seed: int = 0) -> NDArray[np.float32]:
    """Return random rows that sum to one, (n, classes)."""
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(classes), n).astype(np.float32)


def predictions(
    n: int = 70, classes: int | Sequence[str] = 7, seed: int = 0, **changes: object
) -> Predictions:
    """Return predictions for `n` random faces, mostly correct; a tenth is in the training set."""
    some = faces(n, classes, seed, size=12)
    hint = 1.5 / len(some.classes)
    given = probabilities(n, len(some.classes), seed) + hint * np.eye(len(some.classes))[some.labels]
    parts = Predictions(
        probabilities=(given / (1 + hint)).astype(np.float32),
        labels=some.labels,
        ids=some.ids,
        classes=some.classes,
        split=VALIDATION,
        images=some.images,
        in_training=np.arange(n) % 10 == 0,
        source=some.source,
        system="guesser",
        from_training_data=True,
    )
    return replace(parts, **changes)  # type: ignore[arg-type]


def _class_names(classes: int | Sequence[str]) -> tuple[str, ...]:
    if not isinstance(classes, int):
        return tuple(classes)
    return EMOTIONS if classes == len(EMOTIONS) else tuple(f"class{number}" for number in range(classes))
