"""Color at 64 pixels on a manifest, from training to recognition."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.cli.app import run
from mien.data import read_faces
from mien.data.synthetic import generate_faces
from mien.labels import EMOTIONS, SPLITS
from mien.training.inference import probabilities, read_network
from mien.training.run_folder.run import RunFolder

pytestmark = pytest.mark.usefixtures("conversions")

SIZE = 64
RECIPE = """
data: {size: 64, channels: 3}
preprocess: {mean: [0.5, 0.45, 0.4], std: 0.25}
augment: {flip: 0.5, rotate: 5, contrast: 0.1, noise: 0.02, random_erasing: 0.1}
network: {kind: plain, stages: [{channels: 4}, {channels: 8}], dense: [{units: 8}]}
optimizer: {kind: adam, lr: 0.01}
train: {epochs: 1, batch_size: 32}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A manifest of synthetic faces in color, each in a larger image, with their boxes."""
    faces = generate_faces(140, seed=1, size=SIZE, channels=3)
    (tmp_path / "images").mkdir()
    rows = ["path\tlabel\tsplit\tbox"]
    for number, (face, label, split) in enumerate(zip(faces.images, faces.labels, faces.splits, strict=True)):
        image = np.full((SIZE + 20, SIZE + 30, 3), 127, np.uint8)
        image[5 : 5 + SIZE, 10 : 10 + SIZE] = face
        cv2.imwrite(str(tmp_path / f"images/{number}.png"), image[..., ::-1])
        rows.append(f"images/{number}.png\t{EMOTIONS[label]}\t{SPLITS[split]}\t10,5,{SIZE},{SIZE}")
    path = tmp_path / "faces.tsv"
    path.write_text("\n".join(rows) + "\n")
    return path


def mien(*words: object) -> int:
    return run([str(word) for word in words])


def test_color_faces_are_trained_on_exported_and_recognized(
    tmp_path: Path, manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read = read_faces(manifest, size=SIZE, channels=3)
    assert (read.images == generate_faces(140, seed=1, size=SIZE, channels=3).images).all()
    (tmp_path / "color.yaml").write_text(RECIPE)
    folder, bundle = tmp_path / "run", tmp_path / "color.onnx"
    assert mien("train", tmp_path / "color.yaml", "--data", manifest, "--output", folder, "--no-report") == 0
    info = json.loads((folder / "run.json").read_text())
    assert (info["size"], info["channels"], info["counts"]["train"]) == (SIZE, 3, 112)
    assert mien("export", folder, "-o", bundle) == 0
    capsys.readouterr()
    cv2.imwrite(str(tmp_path / "face.png"), read.images[0][..., ::-1])
    assert mien("predict", tmp_path / "face.png", "--detector", "whole", "--bundle", bundle, "--json") == 0
    (result,) = json.loads(capsys.readouterr().out)
    trained = RunFolder(folder)
    expected = probabilities(read_network(trained), read.images[:1], trained.recipe.preprocess, None)
    assert result["faces"][0]["label"] == EMOTIONS[int(expected.argmax())]
