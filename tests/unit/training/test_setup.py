from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

from builders import faces
from bundle_builders import tiny_bundle
from mien.data import read_faces
from mien.errors import BundleError, DataError, MienError, RunError
from mien.faceset import FaceSet
from mien.training.run_folder.run import RunFolder
from mien.training.runner import train_run
from mien.training.setup import known_training
from training_builders import DRAWN, begin

RESNET9 = "{kind: resnet9, stages: [{channels: 8}, {channels: 8}, {channels: 8}]}"


def unlabeled(some: FaceSet, split: str) -> FaceSet:
    return replace(some, labels=np.where(some.in_split(split), -1, some.labels))


def test_a_new_training_is_resumed_from_its_folder(tmp_path: Path) -> None:
    new = begin(tmp_path / "run", read_faces(DRAWN))
    known = known_training(RunFolder(tmp_path / "run"))
    assert known.run == new.run
    assert known.faces.fingerprint == new.faces.fingerprint
    assert known.run.has_checkpoint is False
    train_run(known)
    assert known.run.has_checkpoint is True


@pytest.mark.parametrize(
    ("some", "overrides", "message"),
    [
        (faces(40).of_split("test"), [], "no labeled training faces"),
        (unlabeled(faces(40), "train"), [], "no labeled training faces"),
        (unlabeled(faces(40), "validation"), [], "no labeled validation faces"),
        (faces(40), ["data.targets=votes"], "ferplus="),
        (
            faces(40, size=24),
            ["data.size=24", f"network.stages=[{', '.join(5 * ['{channels: 2}'])}]"],
            "is too small for this stage",
        ),
        (
            faces(40),
            ["train.progressive=[{size: 24, until: 0.5}]"],
            "network of kind plain as in this recipe doesn't accept faces of size 24, the smallest is 48",
        ),
        (
            faces(40),
            ["train.progressive=[{size: 8, until: 0.5}]", f"network={RESNET9}"],
            "network of kind resnet9 as in this recipe doesn't accept faces of size 8, the smallest is 16",
        ),
        (
            faces(40),
            ["train.progressive=[{size: 48, until: 0.5}]", f"network={RESNET9}"],
            "size 48 is not smaller than that of the faces, 48",
        ),
    ],
)
def test_an_invalid_training_leaves_no_folder(
    tmp_path: Path, some: FaceSet, overrides: list[str], message: str
) -> None:
    with pytest.raises(MienError, match=message):
        begin(tmp_path / "run", some, overrides)
    assert not (tmp_path / "run").exists()


def test_a_data_set_without_validation_gets_a_hold_out(tmp_path: Path) -> None:
    training = begin(tmp_path / "run", faces(140).of_split("train"), ["data.holdout=0.25"])
    assert training.run.info.held_out is True
    assert training.run.info.counts == {"train": 84, "validation": 28, "test": 0}


def test_a_recipe_may_hold_out_training_faces_of_a_data_set_with_validation(tmp_path: Path) -> None:
    some = faces(140)
    training = begin(tmp_path / "run", some, ["data.validation=holdout", "data.holdout=0.25"])
    info = training.run.info
    assert info.held_out is True
    assert info.counts["test"] == len(some) - len(some.of_split("train"))
    assert 0 < info.counts["validation"] < info.counts["train"]


def test_a_class_with_one_face_can_not_be_held_out(tmp_path: Path) -> None:
    some = faces(140).of_split("train")
    single = some.take(np.flatnonzero((some.labels != 3) | (np.arange(len(some)) == 3)))
    with pytest.raises(DataError, match="class 'happy' has 1 distinct training face"):
        begin(tmp_path / "run", single)


@pytest.mark.parametrize(("size", "channels"), [(24, 1), (56, 1), (40, 3)])
def test_faces_of_other_shapes_are_trained_on(tmp_path: Path, size: int, channels: int) -> None:
    some = replace(faces(40, size=size, channels=channels), source="other")
    training = begin(tmp_path / "run", some, [f"data.size={size}", f"data.channels={channels}"])
    assert train_run(training).epoch == 2
    assert (training.run.info.size, training.run.info.channels) == (size, channels)


def test_the_competition_s_test_csv_can_not_be_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_bytes(b"pixels\n" + (b"7 " * 2304 + b"\n") * 3)
    with pytest.raises(DataError, match=r"test\.csv: no labeled training faces among its 3 faces"):
        begin(tmp_path / "run", read_faces(path))
    assert not (tmp_path / "run").exists()


def test_smaller_faces_come_first_and_the_network_takes_both(tmp_path: Path) -> None:
    overrides = ["train.progressive=[{size: 24, until: 0.5}]", f"network={RESNET9}", "train.batch_size=32"]
    training = begin(tmp_path / "run", read_faces(DRAWN), overrides)
    assert train_run(training).epoch == 2


def test_a_run_finds_its_teacher_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny_bundle(tmp_path / "t.onnx")
    monkeypatch.chdir(tmp_path)
    new = begin(tmp_path / "run", read_faces(DRAWN), ["distillation.teachers=t.onnx"])
    assert new.run.info.teachers == {str(path): sha256(path.read_bytes()).hexdigest()}
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    known = known_training(RunFolder(tmp_path / "run"))
    assert known.run == new.run
    assert [
        " t.onnx was trained on another data set" in warning for warning in known.run.info.leakage_warnings
    ] == [True]
    assert train_run(known).epoch == 2


def test_a_changed_teacher_is_an_error_on_resume(tmp_path: Path) -> None:
    path = tiny_bundle(tmp_path / "t.onnx")
    begin(tmp_path / "run", read_faces(DRAWN), [f"distillation.teachers={path}"])
    tiny_bundle(path, temperature=2.0)
    with pytest.raises(RunError, match=r"teacher .*t\.onnx has changed"):
        known_training(RunFolder(tmp_path / "run"))
    path.unlink()
    with pytest.raises(BundleError, match=r"t\.onnx: no such bundle"):
        known_training(RunFolder(tmp_path / "run"))


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        pytest.param(None, "no such bundle", id="missing"),
        pytest.param({"classes": ("no", "yes")}, "made for classes no, yes", id="classes"),
        pytest.param({"size": 24}, "made for faces of size 24", id="side"),
    ],
)
def test_an_incompatible_teacher_leaves_no_folder(
    tmp_path: Path, metadata: dict[str, object] | None, message: str
) -> None:
    path = tmp_path / "t.onnx"
    if metadata is not None:
        tiny_bundle(path, **metadata)
    with pytest.raises(BundleError, match=message):
        begin(tmp_path / "run", read_faces(DRAWN), [f"distillation.teachers={path}"])
    assert not (tmp_path / "run").exists()


def test_a_student_learns_from_its_teacher_rather_than_the_labels(tmp_path: Path) -> None:
    """The labels of these faces are random; brightness, which the teacher classifies by, can be learned."""
    some, path = faces(400), tiny_bundle(tmp_path / "t.onnx")
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 2, 400) * 255
    bright = replace(some, images=np.broadcast_to(levels[:, None, None], (400, 48, 48)).astype(np.uint8))
    longer = ["train.epochs=12", "augment.flip=0"]
    accuracy = {}
    for name, teacher in {"alone": [], "distilled": [f"distillation.teachers={path}"]}.items():
        state = train_run(begin(tmp_path / name, bright, [*longer, *teacher]))
        accuracy[name] = state.history[-1].train_accuracy
    assert accuracy["alone"] < 0.4
    assert accuracy["distilled"] > 0.9


def test_a_whitened_stem_stays_as_it_is_while_the_rest_learns(tmp_path: Path) -> None:
    network = "{kind: resnet9, stem: {channels: 8, whiten: true}, stages: [{channels: 8}]}"
    training = begin(tmp_path / "run", read_faces(DRAWN), [f"network={network}", "train.batch_size=32"])
    stem = training.learner.network.get_submodule("stem")
    filters, norm = stem.conv.weight.clone(), stem.norm.weight.clone()
    known = known_training(RunFolder(tmp_path / "run"))
    assert torch.equal(known.learner.network.get_submodule("stem.conv").weight, filters)
    train_run(training)
    assert torch.equal(stem.conv.weight, filters)
    assert not torch.equal(stem.norm.weight, norm)
