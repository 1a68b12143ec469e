from pathlib import Path

import pytest
import yaml

from builders import faces, fer_csv, rows_of
from mien.cli.app import run
from mien.config import Recipe
from mien.training.run_folder.checkpoint import LAST, read_checkpoint
from mien.training.run_folder.run import RunFolder
from training_builders import TINY

pytestmark = pytest.mark.usefixtures("no_figures")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(TINY.model_dump(mode="json")))
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_train_writes_a_run_and_a_report_and_names_the_next_commands(
    here: Path, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", str(recipe), "--data", "synthetic:140"]) == 0
    folder = here / "runs" / "tiny"
    for part in ("recipe.yaml", "run.json", "history.jsonl", "history.csv", "curves.png",
                 "predictions/validation.npz", "report/validation/report.html"):  # fmt: skip
        assert (folder / part).is_file(), part
    output = capsys.readouterr()
    assert "accuracy" in output.out.lower()
    assert "runs/tiny" in output.err
    assert "best validation accuracy" in output.err
    assert "mien evaluate runs/tiny --split test" in output.err
    assert "mien export runs/tiny -o tiny.onnx" in output.err


def test_evaluation_on_test_is_not_suggested_without_a_test_split(
    here: Path, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row for row in rows_of(faces(140)) if row[2] != "PrivateTest"]
    data = fer_csv(here / "fer2013.csv", rows)
    assert run(["train", str(recipe), "--data", str(data), "--epochs", "1", "--no-report"]) == 0
    error = capsys.readouterr().err
    assert "--split test" not in error
    assert "next: mien export runs/tiny -o tiny.onnx" in error
    assert "mien predict photo.jpg --bundle tiny.onnx" in error


def test_quiet_prints_the_table_only(here: Path, recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", str(recipe), "--data", "synthetic:140", "--epochs", "1", "--quiet"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert "accuracy" in output.out.lower()


def test_a_recipe_may_have_its_report_with_tta(
    here: Path, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--set", "train.report_tta=true", "--epochs", "1"]
    assert run(["train", str(recipe), "--data", "synthetic:140", *words]) == 0
    assert (here / "runs" / "tiny" / "report" / "validation-tta" / "report.html").is_file()
    assert "next: mien evaluate runs/tiny --tta" in capsys.readouterr().err


def test_a_second_training_gets_its_own_folder(here: Path, recipe: Path) -> None:
    for _ in range(2):
        assert run(["train", str(recipe), "--data", "synthetic:140", "--epochs", "1", "--no-report"]) == 0
    assert (here / "runs" / "tiny-2" / "run.json").is_file()
    assert not (here / "runs" / "tiny" / "report").exists()


def test_overrides_and_short_options_reach_the_recipe(here: Path, recipe: Path) -> None:
    words = [
        "--set",
        "optimizer.lr=0.002",
        "--set",
        "augment.flip=0",
        "--epochs",
        "1",
        "--batch-size",
        "32",
    ]
    assert run(["train", str(recipe), "--data", "synthetic:140", "--seed", "5", "--no-report", *words]) == 0
    found: Recipe = RunFolder(here / "runs" / "tiny").recipe
    assert (found.optimizer.lr, found.augment.flip) == (0.002, 0)
    assert (found.train.epochs, found.train.batch_size, found.train.seed) == (1, 32, 5)
    changes = RunFolder(here / "runs" / "tiny").info.changes
    assert changes == {
        "augment.flip": 0, "optimizer.lr": 0.002, "train.epochs": 1, "train.batch_size": 32, "train.seed": 5
    }  # fmt: skip


def test_the_source_is_found_again_from_another_folder(
    here: Path, recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fer_csv(here / "fer2013.csv", faces(140))
    assert run(["train", str(recipe), "--data", "fer2013.csv", "--output", "run", "--no-report"]) == 0
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert run(["train", "--recover", str(here / "run"), "--no-report"]) == 0
    assert read_checkpoint(here / "run" / "checkpoints" / LAST).state.recoveries == 1


def test_resume_with_more_epochs_says_what_that_does(
    here: Path, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", str(recipe), "--data", "synthetic:140", "--epochs", "1", "--no-report"]) == 0
    assert run(["train", "--resume", "runs/tiny", "--epochs", "2", "--no-report"]) == 0
    assert (
        "epochs changes from 1 to 2: the result is that of a run planned with 2 epochs"
        in capsys.readouterr().err
    )
    assert len((here / "runs" / "tiny" / "history.jsonl").read_text().splitlines()) == 2


def test_resume_with_moved_data(here: Path, recipe: Path) -> None:
    data = fer_csv(here / "fer2013.csv", faces(140))
    assert run(["train", str(recipe), "--data", str(data), "--output", "run", "--no-report"]) == 0
    data.rename(here / "moved.csv")
    assert run(["train", "--resume", "run", "--data", "moved.csv"]) == 0
    assert (here / "run" / "report" / "validation" / "report.html").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train"], "pass --data"),
        (["train", "distilled", "--data", "synthetic:70"], "vgg-long.onnx: no such bundle"),
        (["train", "distilled", "--data", "nowhere.csv"], "train and export the teachers first"),
        (["train", "nonsense", "--data", "synthetic"], "no recipe 'nonsense'"),
        (["train", "cnn-sgt", "--data", "synthetic"], "did you mean 'cnn-sgd'"),
        (["train", "demo", "--data", "missing.csv"], "missing.csv"),
        (["train", "demo", "--data", "synthetic", "--set", "train.epoch=3"], "did you mean 'train.epochs'"),
        (
            ["train", "demo", "--data", "synthetic", "--set", "train.monitor_split=test"],
            "selected on the validation split",
        ),
        (["train", "demo", "--data", "synthetic", "--set", "epochs"], "KEY=VALUE"),
        (["train", "demo", "--data", "synthetic", "--epochs", "0"], "train.epochs"),
        (["train", "--resume", "nowhere"], "not a run folder"),
        (["train", "--resume", "nowhere", "--epochs", "9"], "not a run folder"),
        (["train", "--resume", "nowhere", "--set", "a=1"], "--set: a resumed run keeps its recipe"),
        (["train", "demo", "--resume", "nowhere"], "recipe demo: a resumed run keeps its recipe"),
        (["train", "cnn-sgd", "--recover", "nowhere"], "cnn-sgd: a resumed run keeps its recipe"),
        (["train", "--resume", "a", "--recover", "b"], "--resume and --recover: give one of them"),
        (["train", "--resume", "nowhere", "--skip-bad"], "--skip-bad: a resumed run keeps"),
        (
            ["train", "demo", "--data", "synthetic:140", "--device", "cuda:7"],
            "device 'cuda:7': this machine has",
        ),
        (
            ["train", "demo", "--data", "synthetic:140", "--pretrained", "w.pth"],
            "w.pth: no such run, bundle or file; give a run folder",
        ),
        (["train", "resnet50v2-cbam", "--data", "synthetic:140", "--pretrained", "w.pth"], "safetensors"),
        (["train", "demo", "--data", "synthetic:140", "--set", "data.targets=votes"], "--ferplus"),
    ],
)
def test_user_errors_are_one_line(
    here: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert message in error[-1]
    assert error[-1].startswith("mien: ")


def test_ctrl_c_says_how_to_continue(
    here: Path, recipe: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mien.training.runner.fit", interrupted)
    assert run(["train", str(recipe), "--data", "synthetic:140", "--output", "run"]) == 130
    assert "mien train --resume run" in capsys.readouterr().err


def test_a_training_is_tracked_and_a_resumed_one_continues_its_trackers(
    here: Path, recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mien.tracking.memory import read_memory
    from mien.tracking.results import Results

    monkeypatch.setattr("mien.tracking.base.results_of", lambda *_, **__: Results({}, {}, {}))
    words = ["--epochs", "1", "--no-report"]
    assert run(["train", str(recipe), "--data", "synthetic:140", *words, "--track", "tensorboard:logs"]) == 0
    assert "tracked: tensorboard --logdir" in capsys.readouterr().err
    for epochs, more, sent in (("2", [], 2), ("3", ["--track", "none"], 2), ("4", [], 4)):
        assert run(["train", "--resume", "runs/tiny", "--epochs", epochs, "--no-report", *more]) == 0
        memory = read_memory(here / "runs" / "tiny", "tensorboard")
        assert memory is not None
        assert (memory.place, memory.epochs) == (str(here / "logs"), sent)
    assert len(list((here / "logs" / "tiny").iterdir())) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [(["tensorbord"], "did you mean 'tensorboard'"), (["none", "tensorboard"], "leave out the other")],
)
def test_wrong_trackers_are_refused_before_the_training(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    options = [option for word in words for option in ("--track", word)]
    assert run(["train", "demo", "--data", "synthetic:140", *options]) == 2
    assert message in capsys.readouterr().err
    assert not (here / "runs").exists()
