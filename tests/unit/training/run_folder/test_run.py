import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mien.training.run_folder.faces as run_module
from builders import faces, fer_csv, rows_of
from mien.data import read_faces
from mien.errors import DataError, RunError
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, FERPLUS_COLUMNS
from mien.training.run_folder.creation import create_run
from mien.training.run_folder.faces import describe_source, read_run_faces
from mien.training.run_folder.info import Source
from mien.training.run_folder.run import RunFolder
from training_builders import DRAWN, tiny_recipe, tiny_run


def test_a_run_is_read_as_it_was_created(tmp_path: Path) -> None:
    created = tiny_run(tmp_path / "run", ["train.seed=3"])
    assert RunFolder(tmp_path / "run") == created
    assert created.info.source.fingerprint == read_faces(DRAWN).fingerprint
    assert created.info.counts["train"] == 160
    assert sum(created.info.counts.values()) == 200
    assert created.info.held_out is False
    assert {"mien", "python", "torch", "processor", "threads"} <= set(created.info.environment)


def test_moving_the_folder_breaks_nothing(tmp_path: Path) -> None:
    tiny_run(tmp_path / "run")
    shutil.move(tmp_path / "run", tmp_path / "elsewhere")
    assert RunFolder(tmp_path / "elsewhere").name == "elsewhere"


def test_a_folder_that_is_not_empty_is_not_overwritten(tmp_path: Path) -> None:
    tiny_run(tmp_path / "run")
    with pytest.raises(RunError, match=r"already exists; resume the run there, or pass out="):
        tiny_run(tmp_path / "run")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "run.json").unlink(), "not a run folder"),
        (lambda folder: (folder / "run.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "recipe.yaml").write_text("network: {"), r"recipe\.yaml: not valid YAML"),
        (lambda folder: (folder / "recipe.yaml").write_text("network: {kind: teapot}"), r"recipe\.yaml: "),
    ],
)
def test_a_damaged_run_is_one_clear_line(tmp_path: Path, damage, message: str) -> None:
    tiny_run(tmp_path / "run")
    damage(tmp_path / "run")
    with pytest.raises(RunError, match=message) as caught:
        _ = RunFolder(tmp_path / "run").recipe
    assert "\n" not in str(caught.value)


def test_a_changed_data_set_is_an_error(tmp_path: Path) -> None:
    data = fer_csv(tmp_path / "fer2013.csv", faces(60))
    read = read_faces(data)
    source = Source(path=str(data), fingerprint=read.fingerprint)
    run = create_run(tmp_path / "run", "tiny", tiny_recipe(), source, read, held_out=False)
    assert len(read_run_faces(run)) == 60
    moved = data.rename(tmp_path / "moved.csv")
    assert len(read_run_faces(run, str(moved))) == 60
    fer_csv(moved, faces(60, seed=1))
    with pytest.raises(DataError, match=r"pass data=\.\.\. with the same data set"):
        read_run_faces(run, str(moved))


def test_a_source_without_validation_gets_the_same_hold_out_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = faces(140)
    flat: FaceSet = replace(some, splits=np.zeros(140, np.uint8))
    monkeypatch.setattr(run_module, "read_faces", lambda *_, **__: flat)
    source = Source(path="flat", fingerprint=flat.fingerprint)
    run = create_run(tmp_path / "run", "tiny", tiny_recipe("data.holdout=0.2"), source, flat, held_out=True)
    first, second = read_run_faces(run), read_run_faces(run)
    assert first.of_split("validation").counts().tolist() == [4] * 7
    assert first.fingerprint == second.fingerprint


def test_changed_votes_are_an_error_for_training_only(tmp_path: Path) -> None:
    some = faces(20)
    data, votes = fer_csv(tmp_path / "fer2013.csv", some), tmp_path / "fer2013new.csv"
    votes.write_text(vote_text(some, "10"))
    read = read_faces(data, ferplus=votes)
    source = describe_source(str(data), votes, read, skip_bad=False)
    run = create_run(tmp_path / "run", "tiny", tiny_recipe(), source, read, held_out=False)
    assert read_run_faces(run, votes=True).votes is not None
    votes.write_text(vote_text(some, "9"))
    assert len(read_run_faces(run)) == 20
    with pytest.raises(DataError, match="the votes differ"):
        read_run_faces(run, votes=True)
    votes.unlink()
    assert len(read_run_faces(run)) == 20


def test_the_recipe_is_validated_when_it_is_needed(tmp_path: Path) -> None:
    tiny_run(tmp_path / "run")
    (tmp_path / "run" / "recipe.yaml").unlink()
    assert RunFolder(tmp_path / "run").classes == EMOTIONS


def test_faces_in_memory_are_recognized_by_their_fingerprint(tmp_path: Path) -> None:
    some = faces(60)
    source = describe_source(some, None, some, skip_bad=False)
    assert (source.path, source.in_memory) == ("random:60:0", True)
    run = create_run(tmp_path / "run", "tiny", tiny_recipe(), source, some, held_out=False)
    assert read_run_faces(run, some).fingerprint == some.fingerprint
    with pytest.raises(DataError, match=r"pass data=\.\.\. with the same data set"):
        read_run_faces(run, faces(60, seed=1))
    with pytest.raises(DataError, match=r"a FaceSet in memory \(random:60:0\); pass data=\.\.\."):
        read_run_faces(run)


def vote_text(some: FaceSet, neutral: str) -> str:
    head = ",".join(["Usage", "Image name", *FERPLUS_COLUMNS])
    rows = [
        f"{usage},fer{number}.png,{neutral}{',0' * 9}" for number, (_, _, usage) in enumerate(rows_of(some))
    ]
    return "\n".join([head, *rows]) + "\n"
