import json

from builders import faces, fer_csv
from mien.auditing.audit import Audit
from mien.auditing.finding import NOT_A_FACE, finding
from mien.cli.app import run


def test_the_path_of_the_page_is_printed_and_counts_go_to_stderr(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "mien.api.audit.audit_faces", lambda some, *_: Audit(some, (finding(some, 1, NOT_A_FACE, 0.9),))
    )
    source = fer_csv(tmp_path / "faces.csv", faces(10))
    assert run(["audit", str(source), "--out", str(tmp_path / "out")]) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'out' / 'index.html'}\n"
    assert "1  not a face" in err
    assert (
        (tmp_path / "out" / "audit.csv")
        .read_text()
        .splitlines()[1]
        .startswith("2,disgust,exclude,not a face,0.9")
    )
    assert run(["audit", str(source), "-o", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"faces": 10, "doubtful": 1, "reasons": {"not a face": 1}}


def test_wrong_options_are_one_line(capsys, tmp_path):
    source = fer_csv(tmp_path / "faces.csv", faces(10))
    assert run(["audit", str(source), "--folds", "3", "--predictions", "x.npz"]) == 2
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "index.html").write_text("<html>mine")
    assert run(["audit", str(source), "-o", str(tmp_path / "taken")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert "pass one of them" in lines[0]
    assert "taken" in lines[1]
