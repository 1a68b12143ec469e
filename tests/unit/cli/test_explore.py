import re
from pathlib import Path

import numpy as np
import pytest

from builders import faces, fer_csv, png, rows_of
from mien.cli.app import run
from mien.exploration import page
from mien.labels import FERPLUS_COLUMNS


@pytest.fixture(autouse=True)
def no_drawings(monkeypatch):
    """Figures are tested elsewhere and take seconds."""
    monkeypatch.setattr(page, "png", lambda figure: b"")
    monkeypatch.setattr(page, "inline_svg", lambda figure, name, title: "<svg></svg>")


def explored(capsys, *arguments):
    """Run `mien explore` and return its code, its stdout and its stderr."""
    code = run(["explore", *(str(word) for word in arguments)])
    return code, *capsys.readouterr()


def headings(page):
    return re.findall(r"<h2[^>]*>(.*?)</h2>", Path(page).read_text(encoding="utf-8"))


def test_the_path_of_the_page_is_all_that_goes_to_stdout(capsys, tmp_path):
    code, out, err = explored(
        capsys, "synthetic:20", "--output", tmp_path / "here", "--class", "sad", "--examples", "2"
    )
    assert (code, out) == (0, f"{tmp_path / 'here' / 'index.html'}\n")
    assert err.count("\n") == 1  # the remark on classes without validation faces
    assert headings(out.strip())[0] == "Examples of sad"
    assert "2 of the 3 faces labeled sad" in Path(out.strip()).read_text(encoding="utf-8")


def test_size_and_channels_of_a_manifest(capsys, tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(png(1))
    source = tmp_path / "list.csv"
    source.write_text("path,label\na.png,smile\nb.png,frown\n")
    options = ("--size", 64, "--channels", 3, "--output", tmp_path / "a")
    code, out, _ = explored(capsys, source, *options)
    assert code == 0
    assert "64x64" in Path(out.strip()).read_text(encoding="utf-8").replace(" ", "")


def test_skipped_rows_are_noted_on_the_page_too(capsys, tmp_path):
    rows = rows_of(faces(20))
    source = fer_csv(tmp_path / "bad.csv", [(9, *rows[0][1:]), *rows[1:]])
    assert explored(capsys, source, "--output", tmp_path / "a")[0] == 2
    assert not (tmp_path / "a").exists()
    code, out, err = explored(capsys, source, "--output", tmp_path / "a", "--skip-bad")
    assert code == 0
    assert "1 bad row left out" in err
    assert "1 bad row left out" in Path(out.strip()).read_text(encoding="utf-8")


def test_ferplus_votes_are_drawn(capsys, tmp_path):
    some = faces(10)
    source = fer_csv(tmp_path / "fer.csv", some)
    usages = [usage for _, _, usage in rows_of(some)]
    head = ",".join(["Usage", "Image name", *FERPLUS_COLUMNS])
    lines = [f"{usage},fer{at:07d}.png,10{',0' * 9}" for at, usage in enumerate(usages)]
    votes = tmp_path / "fer2013new.csv"
    votes.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    code, out, _ = explored(capsys, source, "--ferplus", votes, "--output", tmp_path / "a")
    assert code == 0
    assert headings(out.strip())[-1] == "FER+ votes"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["synthetic:20", "--class", "hapy"], "no class 'hapy'; its classes are angry"),
        (["synthetic:20", "--examples", "0"], "examples: 0, expected 1 or more"),
        (["synthetic:20", "--seed", "-1"], "seed: -1, expected 0 or more"),
        (["nowhere.csv"], "nowhere.csv"),
    ],
)
def test_an_error_is_one_line(capsys, tmp_path, arguments, said):
    code, out, err = explored(capsys, *arguments, "--output", tmp_path / "a")
    assert (code, out) == (2, "")
    assert said in err
    assert len([line for line in err.splitlines() if "no validation faces" not in line]) == 1
    assert not (tmp_path / "a").exists()


def test_an_output_folder_that_is_a_file_is_refused_first(capsys, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"photo")
    code, out, err = explored(capsys, "missing.csv", "--output", tmp_path / "photo.jpg")
    assert (code, out) == (2, "")
    assert err == f"mien: {tmp_path / 'photo.jpg'} is a file; expected a folder\n"


@pytest.mark.real_data
def test_the_real_rows(capsys, tmp_path, real_data):
    votes = real_data / "fer2013new.csv"
    code, out, _ = explored(capsys, real_data / "fer2013.tar.gz", "--ferplus", votes, "--output", tmp_path)
    assert code == 0
    text = Path(out.strip()).read_text(encoding="utf-8")
    assert "happy is the most frequent class (7,215 faces) and disgust the rarest (436): 16.5 to 1" in text
    assert "280 faces of validation also in train" in text
    assert np.isin(["Duplicates", "FER+ votes"], headings(out.strip())).all()
