import json
from dataclasses import replace

import numpy as np
import pytest

from builders import faces, fer_csv, folder_of, png, rows_of
from mien.api import cropping
from mien.cli.app import run
from mien.data import face_detector
from mien.labels import FERPLUS_COLUMNS
from photo_builders import LevelDetector, photo

MISSING = (
    "mien: classes 'angry', 'fear', 'happy', 'surprise', 'neutral': no validation faces; the checkpoint is "
    "selected without them\n"
)
"""What is remarked on twenty faces, of which two are for validation."""


@pytest.fixture
def source(tmp_path):
    return fer_csv(tmp_path / "fer2013.csv", faces(20))


def bad_csv(path, rows, bad):
    """A CSV of random faces of which the first `bad` rows have a pixel too much."""
    good = rows_of(faces(rows))
    text = [(emotion, " ".join(["9"] * 2305), usage) for emotion, _, usage in good[:bad]]
    return fer_csv(path, text + good[bad:])


def mien(capsys, *arguments):
    """Run one command line and return its code, its stdout and its stderr."""
    code = run([str(word) for word in arguments])
    return code, *capsys.readouterr()


def test_info_is_a_table_of_classes_and_splits(capsys, source):
    code, out, err = mien(capsys, "data", "info", source)
    assert (code, err) == (0, MISSING)
    lines = [line.split() for line in out.splitlines()]
    assert ["class", "train", "validation", "test", "total", "share"] in lines
    assert ["angry", "3", "0", "0", "3", "15.0", "%"] in lines
    assert ["total", "16", "2", "2", "20"] in lines
    assert ["fingerprint", faces(20).fingerprint] in lines
    assert "20 faces of 48x48" in out
    assert "\x1b" not in out


def test_info_tells_of_duplicates_and_conflicts(capsys, tmp_path):
    some = faces(20)
    images = some.images.copy()
    images[[1, 8]] = images[0]
    _, out, _ = mien(capsys, "data", "info", fer_csv(tmp_path / "x.csv", replace(some, images=images)))
    assert "distinct images: 18 of 20" in out
    assert "1 face of train is repeated within train" in out
    assert "1 face of validation is also in train" in out
    assert "images with more than one label: 1" in out


def test_photographs_are_named_and_their_faces_can_be_detected(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(face_detector, "make_detector", lambda *_: LevelDetector())
    large, none = photo((9, 9, 48, 150), size=(500, 700)), photo(size=(500, 700))
    path = folder_of(tmp_path / "photos", {"happy/1.png": large, "sad/2.png": large, "sad/3.png": none})
    _, _, err = mien(capsys, "data", "info", path)
    assert "3 of 3 images look like whole scenes" in err
    assert "pass --faces detect" in err
    code, out, err = mien(capsys, "data", "info", path, "--faces", "detect", "--json")
    assert (code, json.loads(out)["faces"]) == (0, 2)
    assert "2 faces detected by levels in 3 images" in err
    assert json.loads(out)["images"]["without_face"] == ["sad/3.png"]


def test_crop_prints_a_summary_and_fails_for_images_that_cannot_be_read(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(cropping, "make_detector", lambda *_: LevelDetector())
    path = folder_of(tmp_path / "photos", {"happy/1.png": photo((9, 9, 48, 150)), "sad/2.png": b"no image"})
    code, out, err = mien(capsys, "data", "crop", path, tmp_path / "faces")
    assert (code, out) == (1, f"{tmp_path / 'faces'}: 1 face from 1 image, 1 failed\n")
    assert "2.png: not an image" in err
    assert (tmp_path / "faces" / "happy" / "1.png").is_file()
    code, out, err = mien(capsys, "data", "crop", path, tmp_path / "faces", "--size", 64)
    assert (code, out) == (2, "")
    assert "pass --force to replace them" in err


def test_info_as_json_holds_the_same(capsys, source):
    code, out, err = mien(capsys, "data", "info", source, "--json")
    found = json.loads(out)
    assert (code, err) == (0, MISSING)
    assert found["faces"] == 20
    assert found["fingerprint"] == faces(20).fingerprint
    assert [split["name"] for split in found["splits"]] == ["train", "validation", "test"]
    assert (found["ferplus"], found["skipped"]) == (None, [])


def test_info_sums_up_ferplus(capsys, tmp_path, source):
    some = faces(20)
    usages = [usage for _, _, usage in rows_of(some)]
    votes = ",".join("10" if name == "anger" else "0" for name in FERPLUS_COLUMNS)
    lines = [f"{usage},fer{row:07}.png,{votes}" for row, usage in enumerate(usages)]
    ferplus = tmp_path / "fer2013new.csv"
    ferplus.write_text("\n".join([f"Usage,Image name,{','.join(FERPLUS_COLUMNS)}", *lines]) + "\n")
    code, out, err = mien(capsys, "data", "info", source, "--ferplus", ferplus)
    assert (code, err) == (0, MISSING)
    assert "agrees with the label of 3 of 20 faces" in out


def test_a_bad_row_ends_info_unless_it_is_to_be_skipped(capsys, tmp_path):
    path = bad_csv(tmp_path / "bad.csv", rows=20, bad=2)
    code, out, err = mien(capsys, "data", "info", path)
    assert (code, out) == (2, "")
    assert "2,305" in err
    code, out, _ = mien(capsys, "data", "info", path, "--skip-bad")
    assert code == 0
    assert "18 faces" in out
    assert "skipped: 2" in out
    assert out.count("2,305") == 2


def test_of_many_skipped_rows_the_first_are_listed_and_json_has_all(capsys, tmp_path):
    path = bad_csv(tmp_path / "bad.csv", rows=70, bad=25)
    _, out, _ = mien(capsys, "data", "info", path, "--skip-bad")
    assert out.count("2,305") == 20
    assert "and 5 more; --json lists all of them" in out
    _, out, _ = mien(capsys, "data", "info", path, "--skip-bad", "--json")
    assert len(json.loads(out)["skipped"]) == 25


def test_class_names_are_not_taken_for_markup(capsys, tmp_path):
    folder = tmp_path / "folder"
    run(["data", "convert", "synthetic:70", str(folder)])
    for split in folder.iterdir():
        (split / "angry").rename(split / "[red]x")
    _, out, _ = mien(capsys, "data", "info", folder)
    assert "[red]x" in out


def test_convert_goes_both_ways_and_says_what_it_made(capsys, tmp_path, source):
    folder, back = tmp_path / "folder", tmp_path / "back.csv"
    assert mien(capsys, "data", "convert", source, folder) == (0, f"{folder}: 20 faces\n", MISSING)
    assert mien(capsys, "data", "convert", folder, back) == (0, f"{back}: 20 faces\n", MISSING)
    assert back.read_bytes() == source.read_bytes()


def test_convert_counts_what_it_skipped(capsys, tmp_path):
    path = bad_csv(tmp_path / "bad.csv", rows=20, bad=2)
    _, out, _ = mien(capsys, "data", "convert", path, tmp_path / "good.csv", "--skip-bad")
    assert out == f"{tmp_path / 'good.csv'}: 18 faces, 2 rows skipped\n"


def test_convert_replaces_by_force_only(capsys, tmp_path, source):
    taken = tmp_path / "taken.csv"
    taken.write_text("mine")
    code, _, err = mien(capsys, "data", "convert", source, taken)
    assert (code, taken.read_text()) == (2, "mine")
    assert "exists already" in err
    assert mien(capsys, "data", "convert", source, taken, "--force")[0] == 0
    assert taken.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("destination", ["faces", "faces/../faces", "."])
def test_convert_never_replaces_its_source(capsys, tmp_path, monkeypatch, destination):
    monkeypatch.chdir(tmp_path)
    run(["data", "convert", "synthetic:30", "faces"])
    code, _, err = mien(capsys, "data", "convert", "faces", destination, "--force")
    assert code == 2
    assert "source itself, or contains it" in err
    assert len(list((tmp_path / "faces").rglob("*.png"))) == 30


def test_download_prints_the_path_alone(capsys, monkeypatch, tmp_path):
    asked = []

    def download(edition, folder):
        asked.append((edition, folder))
        return tmp_path / "fer2013.tar.gz"

    monkeypatch.setattr("mien.data.download.download_faces", download)
    code, out, err = mien(capsys, "data", "download", "--edition", "folder", "--to", tmp_path)
    assert (code, out, err) == (0, f"{tmp_path / 'fer2013.tar.gz'}\n", "")
    assert asked == [("folder", tmp_path)]


def test_labels_do_not_change_with_the_format(capsys, tmp_path):
    one_class = replace(faces(30), labels=np.full(30, 4))
    source = fer_csv(tmp_path / "sad.csv", one_class)
    mien(capsys, "data", "convert", source, tmp_path / "folder")
    _, out, _ = mien(capsys, "data", "info", tmp_path / "folder", "--json")
    found = json.loads(out)
    assert found["splits"][0]["counts"] == [0, 0, 0, 0, 24, 0, 0]


@pytest.mark.filterwarnings("default")
def test_remarks_about_reading_go_to_stderr(capsys, monkeypatch, tmp_path, source):
    (tmp_path / "file").write_text("no folder, so no cache")
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "file" / "cache"))
    code, out, err = mien(capsys, "data", "info", source, "--json")
    assert (code, json.loads(out)["faces"]) == (0, 20)
    assert err.startswith("mien: not cached")
    assert str(tmp_path / "file") in err


def test_size_and_channels_of_the_faces(capsys, tmp_path):
    folder = tmp_path / "color"
    code, _, err = mien(capsys, "data", "convert", "synthetic:14", folder, "--size", 64, "--channels", 3)
    assert (code, err) == (0, "")
    _, out, _ = mien(capsys, "data", "info", folder, "--size", 64, "--channels", 3)
    assert "14 faces of 64x64, RGB" in out
    _, out, _ = mien(capsys, "data", "info", folder, "--json")
    assert (json.loads(out)["size"], json.loads(out)["channels"]) == (48, 1)


def test_of_many_classes_the_largest_are_listed_and_json_has_all(capsys, tmp_path):
    for number in range(33):
        folder = tmp_path / "faces" / "train" / f"class{number:02d}"
        folder.mkdir(parents=True)
        for copy in range(1 + (number > 2)):
            (folder / f"{copy}.png").write_bytes(png(7 * number + copy))
    code, out, _ = mien(capsys, "data", "info", tmp_path / "faces")
    assert code == 0
    assert "the 30 largest of 33 classes; --json lists all" in out
    assert "class03" in out
    assert "class02" not in out
    assert "total" in out.splitlines()[34]
    assert out.splitlines()[34].split()[-1] == "63"
    _, out, _ = mien(capsys, "data", "info", tmp_path / "faces", "--json")
    assert len(json.loads(out)["classes"]) == 33
