"""Training from Python: every form of its arguments, stops, and what comes back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mien
from builders import faces, fer_csv, rows_of
from mien.data import face_detector
from mien.errors import DataError, MienError, RecipeError, RunError
from mien.training.callbacks import Batch, Callback, TrainingStatus
from photo_builders import LevelDetector, photo_folder
from training_builders import TINY, Notices

ONE = {"train.epochs": 1}


class StopAtOnce(Callback):
    def on_batch_end(self, status: TrainingStatus, batch: Batch) -> None:
        status.request_stop()


def test_train_returns_a_run(tmp_path: Path) -> None:
    data = fer_csv(tmp_path / "fer2013.csv", faces(140))
    notices = Notices()
    run = mien.train(TINY, data=data, out=tmp_path / "run", overrides=ONE, callbacks=[notices], device="cpu")
    assert type(run) is mien.Run
    assert (run.path, run.recipe.train.epochs, len(run.history)) == (tmp_path / "run", 1, 1)
    assert run.info.source.path == str(data.resolve())
    assert notices.text == ""


def test_the_run_folder_is_named_for_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [mien.train(TINY, data="synthetic:70", overrides=ONE).path for _ in range(2)]
    assert paths == [Path("runs/custom"), Path("runs/custom-2")]


def test_faces_in_memory_need_no_file(tmp_path: Path) -> None:
    some = faces(140)
    run = mien.train(TINY, data=some, out=tmp_path / "run", overrides=ONE)
    assert run.info.source.fingerprint == some.fingerprint
    assert run.info.source.path == some.source
    assert run.evaluate().n == len(some.of_split("validation"))
    with pytest.raises(DataError, match=r"a FaceSet in memory .*pass data=\.\.\."):
        mien.resume(run.path)
    assert len(mien.resume(run.path, data=some).history) == 1
    assert mien.Run(run.path, data=some).evaluate("test").n == len(some.of_split("test"))
    assert run.export(tmp_path / "int8.onnx", int8=True).metadata.precision == "int8"


def test_photographs_are_detected_again_by_the_same_detector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def make(name: str) -> LevelDetector:
        names.append(name)
        return LevelDetector()

    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(face_detector, "make_detector", make)
    data, other = photo_folder(tmp_path / "photos", 24), photo_folder(tmp_path / "other", 12, seed=1)
    notices = Notices()
    run = mien.train(
        TINY,
        data=data,
        out=tmp_path / "run",
        overrides=ONE,
        faces="detect",
        callbacks=[notices],
        device="cpu",
    )
    assert "24 faces detected by levels in 24 images" in notices.text
    assert run.recipe.data.faces == "detect"
    assert (run.info.source.faces, run.info.source.detector) == ("detect", "levels")
    assert len(run.predictions(device="cpu")) == 8
    assert len(run.predictions(data=other, device="cpu")) == 4
    assert (names[0], set(names[1:])) == ("auto", {"levels"})
    whole = mien.evaluate(run, data=other, faces="whole", device="cpu")
    assert whole.n == 4


def test_a_stopped_training_is_resumed(tmp_path: Path) -> None:
    run = mien.train(TINY, data="synthetic:70", out=tmp_path / "run", callbacks=[StopAtOnce()])
    assert run.history == ()
    assert "not trained yet" in repr(run)
    resumed = run.resume()
    assert [row.epoch for row in resumed.history] == [1, 2]


def test_recover_returns_to_the_best_epoch(tmp_path: Path) -> None:
    class StopAfterFirst(Callback):
        def on_epoch_end(self, status: TrainingStatus, epoch: object) -> None:
            status.request_stop()

    run = mien.train(TINY, data="synthetic:70", out=tmp_path / "run", callbacks=[StopAfterFirst()])
    recovered = mien.resume(run, recover=True)
    assert [row.recoveries for row in recovered.history] == [0, 1]


def test_rows_left_out_are_a_notice(tmp_path: Path) -> None:
    rows = rows_of(faces(140))
    data = fer_csv(tmp_path / "bad.csv", [(9, *rows[0][1:]), *rows[1:]])
    notices = Notices()
    options = {"out": tmp_path / "run", "overrides": ONE, "callbacks": [notices]}
    with pytest.raises(DataError, match="emotion is '9'"):
        mien.train(TINY, data=data, **options)
    mien.train(TINY, data=data, skip_bad=True, **options)
    assert notices.text.startswith("1 bad row left out: row 1")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"recipe": TINY, "data": faces(70, size=24)}, DataError, "faces of 24 pixels with 1 channel"),
        (
            {"recipe": TINY, "data": faces(70, ["grin"])},
            DataError,
            "all faces are of the class 'grin'; expect",
        ),
        (
            {"recipe": TINY, "data": replace(faces(70), labels=np.full(70, 3))},
            DataError,
            "all faces are of the class 'happy'; expect",
        ),
        ({"recipe": "demoo", "data": "synthetic:70"}, RecipeError, "no recipe 'demoo'"),
        ({"recipe": TINY}, RunError, r"pass data=\.\.\. with a CSV"),
        ({"recipe": TINY, "data": "missing.csv"}, DataError, "missing.csv"),
        ({"recipe": TINY, "data": faces(70).images}, DataError, "source of type ndarray, expected the path"),
        ({"recipe": 3, "data": "synthetic:70"}, RecipeError, "recipe of type int, expected a name"),
        ({"callbacks": [object()]}, RunError, "type object, expected a mien.Callback"),
        ({"callbacks": [StopAtOnce]}, RunError, r"the class StopAtOnce, .*pass StopAtOnce\(\)"),
        ({"callbacks": StopAtOnce()}, RunError, "expected a sequence, such as"),
        ({"callbacks": 3}, RunError, "expected a sequence of callbacks, got int"),
        ({"recipe": TINY, "data": "synthetic:70", "device": "tpu"}, RecipeError, "device 'tpu'"),
        ({"recipe": TINY, "data": faces(70), "ferplus": "f.csv"}, RunError, "a FaceSet has its own votes"),
        (
            {"recipe": TINY, "data": "synthetic:70", "out": Path(__file__).parent},
            RunError,
            r"pass out=\.\.\.",
        ),
    ],
)
def test_mistakes_leave_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict, error: type[MienError], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        mien.train(**options)
    assert list(tmp_path.iterdir()) == []


def test_resume_needs_a_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run folder") as caught:
        mien.resume(tmp_path)
    assert caught.value.path == tmp_path
    with pytest.raises(RunError, match="run of type int, expected the path of a run folder"):
        mien.resume(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("out", ["data/run", "data", "link/runs/run"])
def test_a_run_inside_its_data_set_is_refused(tmp_path: Path, out: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data", target_is_directory=True)
    with pytest.raises(RunError, match="a folder inside the data set"):
        mien.train(TINY, data=tmp_path / "data", out=tmp_path / out)
    assert not any((tmp_path / "data").iterdir())
    with pytest.raises(DataError):  # it has no images
        mien.train(TINY, data=tmp_path / "data", out=tmp_path / "data-2")


@pytest.mark.parametrize("override", ["optimizer.lr=1e18", "optimizer.weight_decay=1e18"])
def test_absurd_rates_are_refused(tmp_path: Path, override: str) -> None:
    with pytest.raises(RecipeError, match=r"expected .* 1000, found 1e"):
        mien.train(TINY, data="synthetic:70", out=tmp_path / "run", overrides=[override])
