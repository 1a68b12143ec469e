"""Measure the audit: plant label errors, duplicates and non-faces in a copy of a data set, and look for them.

    python benchmarks/audit.py fer2013.csv -o /tmp/planted --folds 5
    python benchmarks/audit.py fer2013.csv -o /tmp/planted              # without label errors
    python benchmarks/audit.py fer2013.csv -o /tmp/planted --predictions train.npz

Predictions are of `mien.out_of_fold` for the data set as it was: each face is still judged by a network that
was not trained on it, but those networks saw none of the planted labels of other faces. A bundle
(--predictions small) judges the planted copy itself.

It prints, for each kind of planted row, the share that is reported for each reason, and for each reason the
share of reported rows that was planted: a lower bound of the precision, as the data set has defects of its
own. Images that are no faces are parts of the photographs and textures of scikit-image, noise, and text.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import mien
from mien.auditing.audit import Audit
from mien.faceset import FaceSet
from mien.labels import UNLABELED
from mien.predictions import Predictions
from mien.predictions_file import read_predictions

Image = NDArray[np.uint8]

LABEL_ERRORS = 0.04
"""Fraction of the faces that get another label at random."""

OBJECTS = (
    "coins",
    "page",
    "text",
    "brick",
    "grass",
    "gravel",
    "clock",
    "moon",
    "rocket",
    "coffee",
    "hubble_deep_field",
)


@dataclass(frozen=True)
class Planted:
    """A data set with planted defects.

    Attributes:
        faces: The data set; copies come last.
        kind: str, (n,); the kind of defect of each row, "" where there is none.
        original: int64, (n,); the row that a copy shows, -1 for others.
        labels: int64, (n,); the labels before.
    """

    faces: FaceSet
    kind: NDArray[np.str_]
    original: NDArray[np.int64]
    labels: NDArray[np.int64]


def shifted(image: Image, rng: np.random.Generator) -> Image:
    """Return the image shifted by up to four pixels, with one of four kinds of border."""
    dx, dy = rng.integers(-4, 5, 2)
    if not (dx or dy):
        dx = 2
    border = rng.choice([cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT, cv2.BORDER_WRAP])
    matrix = np.float32([[1, 0, dx], [0, 1, dy]])
    return cv2.warpAffine(image, matrix, image.shape[::-1], borderMode=int(border))


def mirrored(image: Image, _: np.random.Generator) -> Image:
    """Return the mirror image."""
    return np.ascontiguousarray(image[:, ::-1])


def recompressed(image: Image, rng: np.random.Generator) -> Image:
    """Return the image after JPEG compression."""
    _, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])
    return cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)


def brightened(image: Image, rng: np.random.Generator) -> Image:
    """Return the image with another brightness and contrast."""
    levels = image * rng.uniform(0.7, 1.2) + rng.uniform(-25, 25)
    return np.clip(levels, 0, 255).astype(np.uint8)


def scaled(image: Image, rng: np.random.Generator) -> Image:
    """Return the image scaled by up to 8 % and rotated by up to four degrees."""
    return _turned(image, rng, rng.uniform(0.93, 1.08), rng.uniform(-4, 4))


def zoomed(image: Image, rng: np.random.Generator) -> Image:
    """Return the image scaled by up to 25 %."""
    return _turned(image, rng, rng.uniform(0.8, 1.25), 0)


def rotated(image: Image, rng: np.random.Generator) -> Image:
    """Return the image rotated by 4 to 14 degrees."""
    return _turned(image, rng, 1, rng.choice([-1, 1]) * rng.uniform(4, 14))


def cropped(image: Image, rng: np.random.Generator) -> Image:
    """Return a part of the image, enlarged, that lacks up to eight of the 48 pixels of a side."""
    lost = int(rng.integers(2, 9))
    top, left = rng.integers(0, lost + 1, 2)
    side = len(image) - lost
    part = np.ascontiguousarray(image[top : top + side, left : left + side])
    return cv2.resize(part, image.shape[::-1], interpolation=cv2.INTER_CUBIC)


def resampled(image: Image, rng: np.random.Generator) -> Image:
    """Return the image reduced to 20 to 40 pixels and enlarged."""
    side = int(rng.integers(20, 41))
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    how = rng.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC])
    return cv2.resize(small, image.shape[::-1], interpolation=int(how))


def _turned(image: Image, rng: np.random.Generator, scale: float, angle: float) -> Image:
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), angle, scale)
    border = rng.choice([cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT])
    return cv2.warpAffine(image, matrix, image.shape[::-1], borderMode=int(border))


def combined(image: Image, rng: np.random.Generator) -> Image:
    """Return the image mirrored, shifted and recompressed."""
    return recompressed(shifted(mirrored(image, rng), rng), rng)


COPIES: dict[str, Callable[[Image, np.random.Generator], Image]] = {
    "exact copy": lambda image, _: image.copy(),
    "shifted copy": shifted,
    "mirrored copy": mirrored,
    "recompressed copy": recompressed,
    "brightened copy": brightened,
    "scaled and rotated copy": scaled,
    "copy scaled by up to 25 %": zoomed,
    "rotated copy": rotated,
    "cropped copy": cropped,
    "resampled copy": resampled,
    "mirrored, shifted, recompressed copy": combined,
}


def objects(rng: np.random.Generator, count: int) -> list[Image]:
    """Return parts of photographs and textures without faces."""
    from skimage import data

    sources = []
    for name in OBJECTS:
        photo = np.asarray(getattr(data, name)())
        gray = photo if photo.ndim == 2 else cv2.cvtColor(photo[..., :3], cv2.COLOR_RGB2GRAY)
        sources.append(gray.astype(np.uint8))
    found = []
    while len(found) < count:
        photo = sources[rng.integers(len(sources))]
        side = int(rng.integers(48, min(photo.shape) // 2 + 48))
        side = min(side, *photo.shape)
        top, left = (int(rng.integers(0, length - side + 1)) for length in photo.shape)
        part = cv2.resize(photo[top : top + side, left : left + side], (48, 48), interpolation=cv2.INTER_AREA)
        if part.std() > 12:
            found.append(part)
    return found


def noise(rng: np.random.Generator) -> Image:
    """Return smooth noise."""
    levels = rng.normal(128, 50, (48, 48))
    levels = cv2.GaussianBlur(levels, (0, 0), rng.uniform(0.3, 4))
    levels = (levels - levels.mean()) / levels.std() * 50 + 128
    return np.clip(levels, 0, 255).astype(np.uint8)


def text(rng: np.random.Generator) -> Image:
    """Return letters on paper."""
    page = np.full((48, 48), int(rng.integers(150, 256)), np.uint8)
    for row in range(10, 48, 14):
        word = "".join(rng.choice(list("abcdefghilmnoprstu"), 5))
        cv2.putText(page, word, (1, row), cv2.FONT_HERSHEY_SIMPLEX, 0.45, int(rng.integers(0, 80)), 1)
    return page


def blank(rng: np.random.Generator) -> Image:
    """Return almost one gray level."""
    levels = np.full((48, 48), float(rng.integers(0, 256))) + rng.normal(0, rng.uniform(0, 2), (48, 48))
    return np.clip(levels, 0, 255).astype(np.uint8)


def dark(image: Image, rng: np.random.Generator) -> Image:
    """Return the image with almost no light."""
    return (image * rng.uniform(0.02, 0.1)).astype(np.uint8)


def blurred(image: Image, rng: np.random.Generator) -> Image:
    """Return the image blurred."""
    return cv2.GaussianBlur(image, (0, 0), rng.uniform(3, 5))


def low_resolution(image: Image, rng: np.random.Generator) -> Image:
    """Return the image enlarged from 8 to 12 pixels."""
    side = int(rng.integers(8, 13))
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    how = rng.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC])
    return cv2.resize(small, (48, 48), interpolation=int(how))


def turned(image: Image, rng: np.random.Generator) -> Image:
    """Return the image turned by 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, int(rng.integers(1, 4))))


def plant(faces: FaceSet, seed: int = 0, *, each: int = 150, defects: int = 60) -> Planted:
    """Plant label errors, `each` copies of a kind, and `defects` non-faces and bad images of a kind."""
    rng = np.random.default_rng(seed)
    images, labels = faces.images.copy(), faces.labels.copy()
    kind = np.full(len(faces), "", dtype="<U40")
    free = rng.permutation(np.flatnonzero(labels != UNLABELED)).tolist()

    def take(count: int) -> list[int]:
        return [free.pop() for _ in range(count)]

    for row in take(round(LABEL_ERRORS * len(faces))):
        labels[row] = (labels[row] + rng.integers(1, len(faces.classes))) % len(faces.classes)
        kind[row] = "label error"
    for row, image in zip(take(2 * defects), objects(rng, 2 * defects), strict=True):
        images[row], kind[row] = image, "object"
    for name, make in (("noise", noise), ("text", text), ("blank", blank)):
        for row in take(defects):
            images[row], kind[row] = make(rng), name
    for name, change in (
        ("dark", dark),
        ("blurred", blurred),
        ("low resolution", low_resolution),
        ("turned", turned),
    ):
        for row in take(defects):
            images[row], kind[row] = change(images[row], rng), name
    sources = take(each * len(COPIES))
    names = [name for name in COPIES for _ in range(each)]
    copies = np.stack(
        [COPIES[name](faces.images[row], rng) for name, row in zip(names, sources, strict=True)]
    )
    others = (labels[sources] + rng.integers(1, len(faces.classes), len(sources))) % len(faces.classes)
    new_labels = np.where(rng.random(len(sources)) < 0.3, others, labels[sources])
    planted = replace(
        faces,
        images=np.concatenate([images, copies]),
        labels=np.concatenate([labels, new_labels]),
        splits=np.concatenate([faces.splits, rng.permutation(faces.splits)[: len(sources)]]),
        ids=np.array([*faces.ids, *(str(len(faces) + 1 + at) for at in range(len(sources)))], np.str_),
        votes=None if faces.votes is None else np.concatenate([faces.votes, faces.votes[sources]]),
        source="planted",
    )
    original = np.concatenate([np.full(len(faces), -1), sources]).astype(np.int64)
    return Planted(
        planted,
        np.concatenate([kind, names]),
        original,
        np.concatenate([faces.labels, faces.labels[sources]]),
    )


def main() -> None:
    """Plant, audit, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--folds", type=int)
    parser.add_argument("--predictions")
    parser.add_argument("--ferplus")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    planted = plant(mien.read_faces(given.source, ferplus=given.ferplus), given.seed)
    found = mien.audit(
        planted.faces, out=given.output, folds=given.folds, predictions=_predictions(given.predictions),
        overrides=given.overrides, step=print,
    )  # fmt: skip
    report(planted, found)


def _predictions(given: str | None) -> Predictions | str | None:
    """Return predictions without the labels of the data set as it was."""
    if given is None or not given.endswith(".npz"):
        return given
    found = read_predictions(given)
    return replace(found, labels=np.full(len(found.labels), UNLABELED))


def report(planted: Planted, found: Audit) -> None:
    """Print recall by kind, precision by reason, and the agreement with FER+."""
    reasons: dict[int, set[str]] = {}
    for one in found.findings:
        reasons.setdefault(one.position, set()).add(one.reason)
    for kind in sorted(set(planted.kind.tolist()) - {""}):
        rows = np.flatnonzero(planted.kind == kind)
        counts = Counter(reason for row in rows.tolist() for reason in reasons.get(row, ()))
        shares = ", ".join(f"{reason} {count / len(rows):.1%}" for reason, count in counts.most_common())
        print(f"{kind} ({len(rows)}): {shares or 'not found'}")
    for reason, count in found.counts.items():
        rows = [row for row, words in reasons.items() if reason in words]
        share = np.mean(planted.kind[rows] != "")
        print(f"{reason}: {count} reported, {share:.1%} of them planted")
    if found.labels is not None:
        print(f"out-of-fold accuracy {found.labels.accuracy:.1%}, agreement with FER+: {found.agreement}")


if __name__ == "__main__":
    main()
