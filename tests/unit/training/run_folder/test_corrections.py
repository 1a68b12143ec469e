from pathlib import Path

import pytest

from builders import faces, fer_csv
from mien.config import with_overrides
from mien.data.folds import fold_numbers
from mien.errors import DataError
from mien.training.run_folder.corrections import divided, open_corrections, read_copies
from mien.training.run_folder.creation import create_run
from mien.training.run_folder.faces import read_run_faces
from mien.training.run_folder.info import Source
from mien.training.run_folder.run import RunFolder
from training_builders import TINY, Notices, begin

SOME = faces(60)


def audit_csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["row,label,suggestion,reason,score", *rows]) + "\n")
    return path


def corrected_run(path: Path, file: Path, data: Path) -> RunFolder:
    recipe = with_overrides(TINY, [f"data.exclude={file}", f"data.relabel={file}"])
    source = Source(path=str(data), fingerprint=_read(data).fingerprint)
    return create_run(
        path, "tiny", recipe, source, SOME, held_out=False, corrections=open_corrections(recipe)
    )


def _read(data: Path):
    from mien.data import read_faces

    return read_faces(data)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    file = audit_csv(
        tmp_path / "audit.csv", "1,angry,exclude,blank,1", "2,disgust,sad,label,0.9", "9,,keep,duplicate,1"
    )
    return corrected_run(tmp_path / "run", file, fer_csv(tmp_path / "faces.csv", SOME))


def test_a_run_has_the_corrected_faces(run):
    found = read_run_faces(run)
    assert len(found) == 59
    assert found.ids[0] == "2"
    assert found.classes[found.labels[0]] == "sad"


def test_a_run_keeps_copies_and_their_digests(run, tmp_path):
    (tmp_path / "audit.csv").unlink()
    again = RunFolder(run.path)
    assert set(again.info.corrections) == {"exclude", "relabel"}
    assert len(read_run_faces(again)) == 59


def test_a_missing_copy_is_replaced_by_the_file_and_a_changed_one_is_an_error(run, tmp_path):
    (run.path / "exclude.csv").unlink()
    assert set(read_copies(run)) == {"exclude", "relabel"}
    audit_csv(run.path / "relabel.csv", "2,disgust,fear,label,0.9")
    with pytest.raises(DataError, match=r"relabel\.csv: it was changed since the run was created"):
        read_copies(run)


def test_a_training_reports_what_is_corrected_and_records_absolute_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    audit_csv(Path("audit.csv"), "00001,disgust,exclude,blank,1")
    notices = Notices()
    training = begin(tmp_path / "run", SOME, ["data.exclude=audit.csv"], notices)
    assert "1 doubtful training face left out" in notices.text
    assert training.run.recipe.data.exclude == str(tmp_path / "audit.csv")
    assert len(training.faces) == 59


def test_validation_faces_are_those_of_a_training_without_corrections(tmp_path):
    undivided = SOME.take(SOME.in_split("train"))
    file = audit_csv(tmp_path / "audit.csv", *(f"{name},,exclude,blank,1" for name in undivided.ids[:20]))
    plain = divided(undivided, TINY, {})
    recipe = with_overrides(TINY, [f"data.exclude={file}"])
    fewer = divided(undivided, recipe, open_corrections(recipe))
    assert plain.of_split("validation").fingerprint == fewer.of_split("validation").fingerprint
    assert len(fewer.of_split("train")) < len(plain.of_split("train"))


def test_a_fold_is_left_out_of_the_training_split_only():
    recipe = with_overrides(TINY, ["data.fold={number: 2, of: 3}"])
    found = divided(SOME, recipe, {})
    left_out = SOME.in_split("train") & (fold_numbers(SOME, 3, 0) == 2)
    assert left_out.any()
    assert set(found.ids) == set(SOME.ids[~left_out])
