from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mien
from builders import predictions
from mien.errors import PredictionsError
from mien.evaluation.caveats import caveats
from mien.evaluation.doubtful import with_audit
from mien.evaluation.scoring import evaluate

SOME = predictions(70)


def audit_csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["row,label,suggestion,reason,score", *rows]) + "\n")
    return path


def test_accuracies_with_and_without_doubtful_labels_are_reported(tmp_path):
    wrong = SOME.ids[~SOME.correct][:3]
    file = audit_csv(
        tmp_path / "a.csv", *(f"{name},,exclude,label error,1" for name in wrong), f"{SOME.ids[0]},,keep,x,1"
    )
    found = evaluate(with_audit(SOME, file))
    assert found.doubtful is not None
    assert (found.doubtful.n, found.doubtful.accuracy) == (3, 0)
    assert found.excluding_doubtful is not None
    assert found.excluding_doubtful.accuracy == pytest.approx(SOME.correct.sum() / 67)
    assert found.accuracy == evaluate(SOME).accuracy
    assert any("An audit doubts 3 of these labels" in note for note in caveats(found))
    assert mien.evaluate(SOME, audit=file).doubtful == found.doubtful


def test_without_an_audit_nothing_is_reported():
    assert (evaluate(SOME).doubtful, evaluate(SOME).excluding_doubtful) == (None, None)
    assert not any("audit" in note for note in caveats(evaluate(SOME)))


def test_an_audit_of_other_labels_is_refused(tmp_path):
    other = SOME.classes[(SOME.labels[5] + 1) % 7]
    file = audit_csv(tmp_path / "a.csv", f"{SOME.ids[5]},{other},exclude,blank,1")
    with pytest.raises(PredictionsError, match="is labeled"):
        with_audit(SOME, file)


def test_marks_are_checked():
    with pytest.raises(PredictionsError, match="doubtful of shape"):
        replace(SOME, doubtful=np.zeros(3, bool))
