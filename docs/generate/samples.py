"""The files that code blocks name: drawn faces, a video, data sets and runs, all synthetic."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import scenes
from mien.labels import EMOTIONS

PEOPLE: Final = (scenes.HAPPY, scenes.SURPRISE, scenes.ANGRY, scenes.SAD)
HOLIDAY: Final = (scenes.HAPPY, scenes.SURPRISE, scenes.ANGRY, scenes.NEUTRAL, scenes.FEAR)
FACES: Final = 420
"""Rows of fer2013.csv: enough for all splits and classes, few enough for trainings of seconds."""

RUNS: Final = {"a": ("fast",), "b": ("c",)}
"""Names of runs in runs/, and of copies of each."""

SPACE: Final = "optimizer.lr: {low: 0.001, high: 0.01, log: true}\n"


def make_samples(folder: Path) -> None:
    """Write the files into a folder."""
    _photos(folder)
    scenes.talk(folder / "talk.mp4")
    _data_sets(folder)
    (folder / "space.yaml").write_text(SPACE, encoding="utf-8")
    for seed, (name, copies) in enumerate(RUNS.items()):
        words = ("train", "demo", "--data", "fer2013.csv", "--epochs", "1", "--set", f"train.seed={seed}")
        _mien(folder, *words, "-o", f"runs/{name}")
        for copy in copies:
            shutil.copytree(folder / "runs" / name, folder / "runs" / copy)
    _mien(folder, "export", "runs/a", "-o", "friend.onnx")


def _photos(folder: Path) -> None:
    scenes.photo(folder / "photo.jpg")
    (folder / "holiday").mkdir()
    for number, person in enumerate(HOLIDAY, 1):
        scenes.portrait(folder / "holiday" / f"{number}.jpg", person)
    for path in ("photos/beach/1.jpg", "photos/2.jpg", "a.jpg", "b.jpg"):
        _write(folder / path, _scene(*PEOPLE[:2]))
    _write(folder / "other.jpg", _scene(PEOPLE[1]))
    for name, person in zip(("happy", "surprise", "angry", "sad"), PEOPLE, strict=True):
        _write(folder / "cropped" / f"{name}.png", scenes.face(*person))
        for number in range(4):
            _write(folder / "my_photos" / name / f"{number}.jpg", _scene((person[0], person[1] + number)))


def _scene(*people: scenes.Person) -> NDArray[np.uint8]:
    places = [(person, 20 + 250 * column, 20) for column, person in enumerate(people)]
    return scenes.scene(*places, size=(250 * len(people) + 40, 300))


def _write(path: Path, image: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scenes.write(path, image)


def _data_sets(folder: Path) -> None:
    _mien(folder, "data", "convert", f"synthetic:{FACES}", "fer2013.csv")
    _mien(folder, "data", "convert", f"synthetic:{FACES}", "my_faces")
    with (folder / "fer2013.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    _table(folder / "fer2013new.csv", _votes(rows))
    validation = [position for position, row in enumerate(rows, 1) if row["Usage"] == "PublicTest"]
    test = [position for position, row in enumerate(rows, 1) if row["Usage"] == "PrivateTest"]
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(EMOTIONS)), len(rows))
    _table(
        folder / "theirs.csv",
        [["id", *EMOTIONS], *([row, *probabilities[row - 1].round(6)] for row in (*validation, *test))],
    )
    _table(folder / "groups.csv", [["id", "age"], *([row, ("young", "old")[row % 2]] for row in validation)])


def _votes(rows: list[dict[str, str]]) -> list[list[str]]:
    """Return the table of FER+ in which all ten annotators agree with the label."""
    names = [
        "neutral",
        "happiness",
        "surprise",
        "sadness",
        "anger",
        "disgust",
        "fear",
        "contempt",
        "unknown",
        "NF",
    ]
    columns = dict(
        zip(
            EMOTIONS, ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"), strict=True
        )
    )
    table = [["Usage", "Image name", *names]]
    for number, row in enumerate(rows):
        voted = columns[EMOTIONS[int(row["emotion"])]]
        table.append(
            [row["Usage"], f"fer{number:07d}.png", *("10" if name == voted else "0" for name in names)]
        )
    return table


def _table(path: Path, rows: list[list[object]] | list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _mien(folder: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "mien", *words], cwd=folder, check=True, capture_output=True)
