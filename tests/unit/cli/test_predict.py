"""`mien predict`: every kind of input, every output, and what is refused."""

import csv
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from builders import faces, fer_csv, folder_of, zip_of
from bundle_builders import gray_of, tiny_bundle
from mien.cli.app import run
from mien.labels import EMOTIONS
from mien.recognition import load
from video_builders import film, picture, walk


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny.onnx")


@pytest.fixture
def mien(bundle, tmp_path, monkeypatch, capsys):
    """Return a function that runs `mien predict` in an empty folder: exit code, output, messages.

    Each image is a face by default.
    """
    monkeypatch.chdir(tmp_path)

    def predict(*words, detector="whole", stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        options = [] if "--bundle" in words else ["--bundle", str(bundle)]
        options += ["--engine", "onnx", "--threads", "2", "--detector", detector]
        code = run(["predict", *map(str, words), *options])
        return code, *capsys.readouterr()

    return predict


def encoded(label, kind="PNG"):
    content = io.BytesIO()
    Image.new("L", (60, 50), gray_of(label)).save(content, kind)
    return content.getvalue()


@pytest.fixture
def album(tmp_path):
    """A folder of seven images, one of each expression, in the order of their names."""
    return folder_of(
        tmp_path / "album", {f"{at}-{name}.png": encoded(name) for at, name in enumerate(EMOTIONS)}
    )


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def labels_of(results):
    return [face["label"] for result in results for face in result["faces"]]


def test_a_table_by_default(mien, album):
    code, out, err = mien("album/3-happy.png", "album/4-sad.png")
    assert code == 0
    header, happy, sad = (line.split("\t") for line in out.splitlines())
    assert header[:4] == ["source", "time", "face", "label"]
    assert (happy[0], happy[3], sad[0], sad[3]) == ("album/3-happy.png", "happy", "album/4-sad.png", "sad")
    assert err.startswith("mien: 2 images, 2 faces in ")


def test_a_folder_in_every_format_at_once(mien, album, tmp_path):
    code, out, _ = mien("album", "--jsonl", "-o", "a.json", "-o", "a.csv", "--output=a.parquet")
    assert code == 0
    results = lines_of(out)
    assert labels_of(results) == list(EMOTIONS)
    assert json.loads((tmp_path / "a.json").read_text()) == results
    with (tmp_path / "a.csv").open(newline="") as stream:
        assert [row["label"] for row in csv.DictReader(stream)] == list(EMOTIONS)
    from pyarrow import parquet

    assert parquet.read_table(tmp_path / "a.parquet")["label"].to_pylist() == list(EMOTIONS)


@pytest.mark.parametrize("words", [["--json"], ["--format", "json"], ["--format=json", "-o", "-"]])
def test_json_on_standard_output(mien, album, words):
    code, out, _ = mien(*words, "album/0-angry.png")
    assert code == 0
    (result,) = json.loads(out)
    assert result["source"] == "album/0-angry.png"
    (face,) = result["faces"]
    assert face["box"] == [0, 0, 60, 50]
    assert list(face["probabilities"]) == list(EMOTIONS)


def test_patterns_zips_csv_synthetic_faces_and_standard_input(mien, album, tmp_path):
    zip_of(tmp_path / "a.zip", {"trip/x.png": encoded("fear")})
    some = faces(3)
    some.images.flags.writeable = True
    some.images[:] = gray_of("sad")
    fer_csv(tmp_path / "fer.csv", some)
    words = ["album/[01]*.png", "a.zip", "fer.csv", "-", "synthetic:2"]
    code, out, _ = mien(*words, "--jsonl", stdin=encoded("happy", "JPEG"))
    assert code == 0
    results = lines_of(out)
    assert [result["source"] for result in results] == [
        "album/0-angry.png", "album/1-disgust.png", "a.zip#trip/x.png",
        "fer.csv#1", "fer.csv#2", "fer.csv#3", "stdin", "synthetic:2#synthetic-00000",
        "synthetic:2#synthetic-00001",
    ]  # fmt: skip
    assert labels_of(results)[:7] == ["angry", "disgust", "fear", "sad", "sad", "sad", "happy"]


def test_unreadable_inputs_are_reported_and_the_exit_code_is_1(mien, album, tmp_path):
    (album / "2-fear.png").write_bytes(b"")
    (album / "5-surprise.png").write_bytes((album / "5-surprise.png").read_bytes()[:60])
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "bad.csv").write_text("name,price\n")
    code, out, err = mien("empty", "album", "notes.txt", "bad.zip", "bad.csv", "--jsonl")
    assert code == 1
    assert labels_of(lines_of(out)) == ["angry", "disgust", "happy", "sad", "neutral"]
    said = err.splitlines()
    names = ["empty", "album/2-fear.png", "album/5-surprise.png", "notes.txt", "bad.zip", "bad.csv"]
    assert [line.split(": ")[:2] for line in said[:-1]] == [["mien", name] for name in names]
    assert said[-1].startswith("mien: 5 images, 6 unreadable, 5 faces in ")


def test_nothing_but_unreadable_images(mien, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert mien("a.jpg", "--json")[:2] == (1, "[\n\n]\n")


def test_quiet_prints_errors_only(mien, album):
    (album / "0-angry.png").write_bytes(b"")
    code, out, err = mien("album", "--csv", "--quiet")
    assert (code, len(out.splitlines())) == (1, 7)
    assert err.count("\n") == 1
    assert "0-angry.png" in err


def test_images_without_faces(mien, tmp_path):
    Image.new("RGB", (80, 60), (30, 160, 30)).save(tmp_path / "a.png")
    code, out, err = mien("a.png", "--jsonl", detector="mtcnn")
    assert code == 0
    assert lines_of(out)[0]["faces"] == []
    assert "1 image, no faces in" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no inputs: give images, a folder, a data set or a video"),
        (["--json"], "no inputs"),
        (["nowhere.jpg"], "nowhere.jpg: no such file or folder"),
        (["album", "albun"], "albun: no such file or folder (did you mean album?)"),
        (["album", "--json", "--csv"], "standard output: two outputs"),
        (["album", "--resume"], "--resume continues an output file"),
        (["album", "--jsonl", "--resume"], "--resume continues an output file"),
        (["album/0-angry.png", "--format=json", "-o", "album/0-angry.png"], "this is an input"),
        (["album", "--threshold", "7"], "threshold 7: expected a probability"),
        (
            ["album", "--timeline", "t.png"],
            "--timeline t.png: needs one video among the inputs, got 0",
        ),
        (["album", "--timeline", "t.doc"], "can't write an image with the ending '.doc'"),
        (["album", "--every", "0"], "every 0"),
        (["album", "--start", "5", "--end", "4"], "expected 0 <= start < end"),
        (
            ["album", "-o", "h.txt"],
            "h.txt: no output format has the ending '.txt'; expected one of .json, .jsonl",
        ),
        (
            ["album", "--format", "xml"],
            "no output format 'xml'; expected one of json, jsonl, csv, parquet, table, crops",
        ),
        (
            ["album", "--format", "csv", "-o", "h.json"],
            "h.json: the ending selects json, but the format is csv",
        ),
        (
            ["album", "--device", "tpu"],
            "device 'tpu': not in this installation of ONNX Runtime, which has cpu",
        ),
        (["album", "--boxes", "gone.csv"], "gone.csv: can't read the boxes"),
        (["album", "--jsno"], "no option '--jsno' (did you mean '--json'?)"),
        (["--treshold", "0.5", "album"], "no option '--treshold' (did you mean '--threshold'?)"),
        (["album", "--smooth", "soon"], "soon"),
    ],
)
def test_refused_commands_create_no_files(mien, album, tmp_path, words, message):
    before = sorted(tmp_path.rglob("*"))
    code, out, err = mien(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_data_set_of_faces_needs_no_detector(mien, monkeypatch):
    made = []
    make = load.make_detector

    def recording(name, options):
        made.append(name)
        return make(name, options)

    monkeypatch.setattr(load, "make_detector", recording)
    assert mien("synthetic:2", "--detector-model", "yunet.onnx", detector="yunet")[0] == 0
    assert made == ["whole"]


def album_of(count):
    """The first images of the album."""
    return [f"album/{at}-{EMOTIONS[at]}.png" for at in range(count)]


@pytest.mark.parametrize("kind", ["json", "jsonl", "csv", "parquet"])
def test_resume_adds_the_missing_results(mien, album, tmp_path, kind):
    out = f"--output=out.{kind}"
    assert mien(*album_of(2), out)[0] == 0
    code, _, err = mien("album", out, "--resume")
    assert code == 0
    assert "mien: 5 images, 5 faces in" in err
    (tmp_path / f"whole.{kind}").unlink(missing_ok=True)
    assert mien("album", f"--output=whole.{kind}")[0] == 0
    if kind != "parquet":
        assert (tmp_path / f"out.{kind}").read_bytes() == (tmp_path / f"whole.{kind}").read_bytes()
    code, _, err = mien("album", out, "--resume")
    assert err == "mien: nothing left to do\n"


@pytest.mark.parametrize("words", [("-o", "a.csv"), ("-o", "a.parquet"), ("--crops", "a", "--csv")])
def test_resume_refuses_other_settings_than_those_of_the_first_run(mien, album, tmp_path, words):
    assert mien(*album_of(2), *words)[0] == 0
    code, _, err = mien("album", *words, "--resume", "--threshold", "0.9")
    assert code == 2
    assert re.fullmatch(r"mien: a\S*: threshold was .* when this result was begun, now it is 0\.9; .*\n", err)
    assert mien(*album_of(3), *words, "--resume")[0] == 0
    assert mien("album", "synthetic:1", *words, "--threshold", "0.9")[0] == 0
    assert mien("album", *words, "--resume", "--threshold", "0.9")[2].startswith("mien: nothing left to do")


def test_resume_compares_no_settings_that_the_inputs_do_not_use(mien, album, tmp_path):
    assert mien("synthetic:2", "-o", "a.csv")[0] == 0
    assert mien("album", "-o", "a.csv", "--resume", "--min-face", "8", "--smooth", "1")[0] == 0
    assert mien("album", "-o", "a.csv", "--resume", "--min-face", "9", "--smooth", "2")[0] == 2
    assert mien("album", "-o", "a.csv", "--resume", "--min-face", "8", "--smooth", "2")[0] == 0


def test_only_results_that_can_be_resumed_have_a_record_of_settings(mien, album, tmp_path):
    mien("album", "-o", "a.jsonl", "--crops", "c")
    mien("album", "-o", "table.out", "--format", "table")
    mien("album", "-o", "/dev/null", "--format", "csv")
    assert {path.name for path in tmp_path.glob("*.settings")} == {"a.jsonl.settings", "c.settings"}
    assert not Path("/dev/null.settings").exists()


def test_resume_of_a_file_of_the_user_writes_nothing(mien, album, tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    code, _, err = mien("album", "-o", "notes.csv", "--resume")
    assert code == 2
    assert err.count("\n") == 1
    assert not (tmp_path / "notes.csv.settings").exists()


def test_resume_of_a_set_of_faces(mien, tmp_path):
    assert mien("synthetic:3", "--output=a.jsonl")[0] == 0
    lines = (tmp_path / "a.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "a.jsonl").write_text(lines[0] + lines[1] + lines[2][:50])
    _, _, err = mien("synthetic:3", "--output=a.jsonl", "--resume")
    assert "1 image, 1 face" in err
    assert (tmp_path / "a.jsonl").read_text() == "".join(lines)


def test_resume_begins_where_there_is_nothing(mien, album, tmp_path):
    assert mien("album", "--output=new.jsonl", "--resume")[0] == 0
    assert len(lines_of((tmp_path / "new.jsonl").read_text())) == 7


def test_results_are_written_anew_without_resume(mien, album, tmp_path):
    for _ in range(2):
        assert mien("album", "--output=a.jsonl")[0] == 0
        assert len(lines_of((tmp_path / "a.jsonl").read_text())) == 7


def test_annotated_images(mien, album, tmp_path):
    code, out, _ = mien("album", "synthetic:1", "--draw", "synthetic")
    assert code == 0
    assert out.startswith("source\t")
    made = sorted(
        path.relative_to(tmp_path / "synthetic").as_posix() for path in (tmp_path / "synthetic").rglob("*.*")
    )
    assert made[:2] == ["0-angry.png", "1-disgust.png"]
    assert len(made) == 8
    drawn = np.asarray(Image.open(tmp_path / "synthetic" / "3-happy.png").convert("RGB"))
    assert np.ptp(drawn) > 50  # the picture itself is of one gray


def test_annotated_images_below_an_input_folder_are_skipped(mien, album):
    for _ in range(2):
        code, out, _ = mien("album", "--draw", "album/drawn", "--jsonl")
        assert code == 0
        assert len(lines_of(out)) == 7


def test_unused_boxes_are_reported(mien, tmp_path, album):
    (tmp_path / "boxes.csv").write_text(
        "source,left,top,width,height\n0-angry.png,5,5,20,20\ntypo.png,1,1,9,9\n"
    )
    words = ["album", "--boxes", "boxes.csv", "-o", "all.jsonl"]
    code, _, err = mien(*words)
    assert code == 0
    unused, unknown, *_ = err.splitlines()
    assert unused == "mien: boxes.csv: boxes of files that are not among the inputs: typo.png"
    assert unknown == "mien: boxes.csv: no entry for 6 files; the detector ran on them"
    assert "boxes.csv" not in mien(*words, "--resume")[2]


def test_a_box_outside_of_its_image_is_a_failure(mien, tmp_path, album):
    (tmp_path / "boxes.json").write_text('{"0-angry.png": [[5000, 66, 96, 96]]}')
    code, _, err = mien("album/0-angry.png", "--boxes", "boxes.json")
    assert code == 1
    assert "mien: album/0-angry.png: box 1 (5000, 66, 96, 96) is outside of the image, which has 60x50" in err


def test_provided_boxes(mien, tmp_path):
    Image.fromarray(picture((20, 30, 40, gray_of("sad")), (100, 30, 40, gray_of("happy")))).save(
        tmp_path / "a.png"
    )
    (tmp_path / "boxes.json").write_text('{"a.png": [[105, 35, 20, 20], [25, 35, 20, 20]]}')
    code, out, _ = mien("a.png", "--boxes", "boxes.json", "--jsonl")
    assert code == 0
    (result,) = lines_of(out)
    assert labels_of([result]) == ["happy", "sad"]
    assert result["faces"][0]["box"] == [105, 35, 20, 20]


def test_the_threshold_option(mien, album):
    _, out, _ = mien("album/3-happy.png", "--jsonl", "--threshold", "1")
    assert lines_of(out)[0]["faces"][0]["uncertain"] is True


@pytest.fixture
def video(tmp_path):
    return film(tmp_path / "walk.mp4", walk(20, gray=gray_of("fear")))


def test_a_video_between_images(mien, album, video, tmp_path):
    words = ["album/0-angry.png", "walk.mp4", "album/1-disgust.png", "--every", "5", "--timeline", "t.svg"]
    code, out, err = mien(*words, "--jsonl", "--draw", "synthetic")
    assert code == 0
    results = lines_of(out)
    assert [(one["source"], one["frame"]) for one in results] == [
        ("album/0-angry.png", None), ("walk.mp4", 0), ("walk.mp4", 5), ("walk.mp4", 10), ("walk.mp4", 15),
        ("album/1-disgust.png", None),
    ]  # fmt: skip
    assert {face["track"] for one in results[1:5] for face in one["faces"]} == {1}
    assert "walk.mp4: 4 frames" in err
    assert "mien: 2 images, 4 frames, 6 faces in" in err
    assert (tmp_path / "t.svg").read_text().startswith("<svg")
    assert (tmp_path / "synthetic" / "walk.mp4").stat().st_size > 0


def test_part_of_a_video(mien, video):
    code, out, _ = mien("walk.mp4", "--jsonl", "--start", "0.2", "--end", "0.4", "--quiet")
    assert code == 0
    assert [one["frame"] for one in lines_of(out)] == [5, 6, 7, 8, 9]


def test_outputs_are_reported_at_the_end(mien, album, video):
    words = ["--every", "9", "--draw", "drawn", "-o", "a.csv", "--crops", "c", "--timeline", "t.svg"]
    _, _, err = mien("walk.mp4", *words)
    last = ["mien: results in a.csv", "mien: crops in c", "mien: annotated copy in drawn/walk.mp4"]
    assert err.splitlines()[-4:] == [*last, "mien: timeline in t.svg"]
    _, _, err = mien("album", "--draw", "drawn", "--jsonl")
    assert err.splitlines()[-1] == "mien: 7 annotated copies in drawn"
    assert mien("album", "--draw", "drawn", "--jsonl", "--quiet")[2] == ""


def test_a_device_is_no_input(mien, album):
    code, out, err = mien("album/3-happy.png", "--csv", "/dev/null")
    assert (code, out) == (2, "")
    assert err == "mien: /dev/null: a device, expected an image, a folder or a video; outputs follow -o\n"


def test_provided_boxes_of_a_video(mien, video, tmp_path):
    (tmp_path / "boxes.csv").write_text(
        "source,frame,left,top,width,height\nwalk.mp4,2,14,30,40,40\nwalk.mp4,4,18,30,40,40\n"
    )
    code, out, err = mien("walk.mp4", "--boxes", "boxes.csv", "--end", "0.2", "--jsonl", "--quiet")
    assert (code, err) == (0, "")
    faces = [[(face["track"], face["label"]) for face in one["faces"]] for one in lines_of(out)]
    assert faces == [[], [], [(1, "fear")], [], [(1, "fear")]]


def test_videos_of_the_same_name_are_drawn_apart(mien, video, tmp_path):
    folder_of(tmp_path / "other", {"walk.mp4": video.read_bytes()})
    assert mien("walk.mp4", "other/walk.mp4", "--every", "9", "--draw", "synthetic")[0] == 0
    assert names_in(tmp_path / "synthetic") == ["other", "walk.mp4"]
    assert names_in(tmp_path / "synthetic" / "other") == ["walk.mp4"]


def test_a_video_that_cannot_be_read_leaves_no_files_and_the_rest_is_done(mien, album, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    words = ["bad.mp4", "album/0-angry.png", "--timeline", "t.png", "--draw", "synthetic", "--jsonl"]
    code, out, err = mien(*words)
    assert code == 1
    assert labels_of(lines_of(out)) == ["angry"]
    assert err.startswith("mien: bad.mp4: not a video")
    assert not (tmp_path / "t.png").exists()
    assert not (tmp_path / "synthetic" / "bad.mp4").exists()


def test_a_timeline_is_of_one_video(mien, video, tmp_path):
    code, _, err = mien("walk.mp4", "walk.mp4", "--timeline", "t.png")
    assert code == 2
    assert "--timeline t.png: needs one video among the inputs, got 2" in err


def test_an_incomplete_video_resumes_with_the_same_tracks(mien, album, video, tmp_path):
    words = ["album/0-angry.png", "walk.mp4", "album/1-disgust.png", "-o", "a.jsonl"]
    assert mien(*words)[0] == 0
    whole = (tmp_path / "a.jsonl").read_bytes()
    (tmp_path / "a.jsonl").write_bytes(b"".join(whole.splitlines(keepends=True)[:8]))
    assert mien(*words, "--resume")[0] == 0
    assert (tmp_path / "a.jsonl").read_bytes() == whole
    _, _, err = mien(*words, "--resume")
    assert err == "mien: nothing left to do\n"


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("draw", [".", "here"])
def test_a_video_is_drawn_beside_itself_and_never_over_itself(mien, video, tmp_path, draw):
    (tmp_path / "here").symlink_to(".")
    before = video.read_bytes()
    for words in (["walk.mp4"], ["./walk.mp4"], ["*.mp4"]):
        assert mien(*words, "--every", "9", "--draw", draw)[0] == 0
        assert names_in(tmp_path) == ["here", "walk.annotated.mp4", "walk.mp4"]
        assert video.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["walk.mp4", "{0}", "--timeline", "{0}"],
        ["walk.mp4", "{0}", "--timeline", "./{0}"],
        ["walk.mp4", "{0}", "--timeline", "link.png"],
        ["walk.mp4", "album", "--timeline", "{0}"],
        ["walk.mp4", "album/*.png", "--timeline", "{0}"],
        ["walk.mp4", "--format=jsonl", "-o", "./walk.mp4"],
        ["{0}", "--format=csv", "-o", "link.png"],
        ["walk.mp4", "--boxes", "boxes.csv", "-o", "./boxes.csv"],
    ],
)
def test_no_output_replaces_what_is_read(mien, album, video, tmp_path, words):
    first = album / "0-angry.png"
    (tmp_path / "link.png").symlink_to(first)
    (tmp_path / "boxes.csv").write_text("source,left,top,width,height\n")
    files = [first, video, tmp_path / "boxes.csv"]
    before = [path.read_bytes() for path in files]
    code, out, err = mien(*(word.format("album/0-angry.png") for word in words))
    assert (code, out) == (2, "")
    assert "this is an input" in err
    assert [path.read_bytes() for path in files] == before


@pytest.mark.parametrize(("words", "draw"), [(".", "."), (".", ".."), ("*.png", "."), ("../album", "..")])
def test_images_may_be_drawn_beside_themselves(mien, album, monkeypatch, words, draw):
    monkeypatch.chdir(album)
    originals = names_in(album)
    for _ in range(2):
        code, out, _ = mien(words, "--draw", draw, "--jsonl")
        assert (code, labels_of(lines_of(out))) == (0, list(EMOTIONS))
    assert set(originals) <= set(names_in(album))
    if draw == ".":
        assert len(names_in(album)) == 14
        assert "3-happy.annotated.png" in names_in(album)


def test_annotated_images_are_inputs_only_if_named(mien, album):
    assert mien("album", "--draw", "album/drawn", "-o", "a.jsonl")[0] == 0
    assert mien("album", "-o", "a.jsonl", "--resume")[2] == "mien: nothing left to do\n"
    _, out, _ = mien("album/drawn/3-happy.png", "--jsonl")
    assert len(lines_of(out)) == 1


def test_a_color_bundle_gets_images_and_data_sets_in_color(mien, album, tmp_path):
    color = tiny_bundle(tmp_path / "color.onnx", channels=3, size=64)
    code, out, _ = mien("album", "synthetic:2", "--jsonl", "--bundle", color)
    assert code == 0
    assert labels_of(lines_of(out))[:7] == list(EMOTIONS)


def test_a_folder_of_drawings_that_is_a_file_is_refused_first(mien, album):
    code, out, err = mien("missing.jpg", "--draw", "album/3-happy.png")
    assert (code, out, err) == (2, "", "mien: album/3-happy.png is a file; expected a folder\n")


def test_faces_are_selected(mien, album):
    code, out, _ = mien("album", "--jsonl", "--min-face", "51")
    assert (code, labels_of(lines_of(out))) == (0, [])
    code, out, _ = mien("album/3-happy.png", "--jsonl", "--min-face", "50", "--largest")
    assert (code, labels_of(lines_of(out))) == (0, ["happy"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--min-face=-1"], "min_face -1"),
        (["--max-faces", "0"], "max_faces 0"),
        (["--largest", "--max-faces", "3"], "max_faces 3 contradicts largest"),
        (["--detector-threshold", "7"], "detector_threshold 7"),
    ],
)
def test_selections_out_of_range_are_refused(mien, album, words, message):
    code, out, err = mien("album", *words)
    assert (code, out) == (2, "")
    assert message in err


def test_options_of_the_detector_are_reported_where_none_runs(mien):
    code, _, err = mien("synthetic:2", "--largest", "--min-face", "40")
    assert code == 0
    assert "--min-face, --largest: unused, since the inputs are cropped faces" in err


def test_crops_are_files_with_a_list_and_are_resumed(mien, album, tmp_path):
    code, out, _ = mien("album/0-angry.png", "album/3-happy.png", "--crops", "album/crops")
    assert (code, out.splitlines()[0].split("\t")[0]) == (0, "source")
    code, out, _ = mien("album", "--crops", "album/crops", "--resume", "--csv")
    assert (code, len(out.splitlines())) == (0, 6)
    with (album / "crops/crops.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["label"] for row in rows] == [
        "angry",
        "happy",
        "disgust",
        "fear",
        "sad",
        "surprise",
        "neutral",
    ]
    assert rows[1]["file"] == "3-happy-1.png"
    with Image.open(album / "crops" / rows[1]["file"]) as image:
        assert image.size == (55, 55)


def test_crops_do_not_go_to_a_folder_with_other_files(mien, album):
    code, _, err = mien("album/0-angry.png", "--crops", "album")
    assert code == 2
    assert "album: holds files that are not crops of mien" in err


def test_a_truncated_jpeg_is_refused_by_a_line_that_names_the_option(mien, tmp_path):
    content = io.BytesIO()
    Image.new("L", (200, 200), gray_of("sad")).save(content, "JPEG")
    (tmp_path / "cut.jpg").write_bytes(content.getvalue()[:-30])
    code, out, err = mien("cut.jpg", "--jsonl")
    assert (code, out) == (1, "")
    assert "cut.jpg: an image that is damaged or cut off" in err
    assert "pass --tolerate-truncated to process what is there" in err
    code, out, _ = mien("cut.jpg", "--jsonl", "--tolerate-truncated")
    (result,) = lines_of(out)
    assert (code, result["truncated"]) == (0, True)
    assert result["faces"][0]["uncertain_reason"] == "truncated image"


@pytest.mark.parametrize("option", ["--output", "--timeline"])
def test_a_file_of_another_kind_is_replaced_only_on_request(mien, album, video, tmp_path, option):
    path = tmp_path / ("fer2013.csv" if option == "--output" else "photo.png")
    path.write_bytes(b"emotion,pixels,Usage\n")
    words = ["walk.mp4", option, path.name, "--quiet"]
    code, _, err = mien(*words)
    assert (code, path.read_bytes()) == (2, b"emotion,pixels,Usage\n")
    assert "pass --force to replace it" in err
    for more in (["--force"], []):  # afterwards it is a result
        assert mien(*words, *more)[0] == 0


def test_a_full_disk_gives_one_line_and_exit_code_1(mien, album):
    code, _, err = mien("album", "-o", "/dev/full", "--quiet")
    assert (code, err) == (
        1, "mien: /dev/full: can't write it (No space left on device); free some space\n"
    )  # fmt: skip


def test_results_may_go_to_dev_null(mien, album):
    assert mien("album", "-o", "/dev/null", "--quiet") == (0, "", "")
