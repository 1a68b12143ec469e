import json
import signal

import cv2
import pytest

from bundle_builders import gray_of, tiny_bundle
from mien.cli import webcam as module
from mien.cli.app import run
from mien.recognition import load as loading
from video_builders import SquareFinder, film, walk


@pytest.fixture
def happy(tmp_path):
    """A video of 1.2 s in which a happy face walks by."""
    return film(tmp_path / "film.mp4", walk(30, gray=gray_of("happy")))


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """A tiny bundle, beside a detector that finds what the video shows."""
    monkeypatch.setattr(loading, "make_detector", lambda *_, **__: SquareFinder())
    return tiny_bundle(tmp_path / "tiny.onnx")


def webcam(bundle, *words):
    return run(["webcam", *map(str, words), "--bundle", str(bundle), "--engine", "onnx"])


def test_lines_on_stdout_and_the_summary_on_stderr(happy, bundle, capsys):
    assert webcam(bundle, happy) == 0
    out, err = capsys.readouterr()
    assert [line.split()[:3] for line in out.splitlines()] == [
        ["0:00", "#1", "happy"],
        ["0:01", "#1", "happy"],
    ]
    assert "happy 100 %" in err
    assert "30 frames from 0:00 to 0:01" in err


def test_quiet_says_nothing_but_lines(happy, bundle, capsys):
    assert webcam(bundle, happy, "--quiet") == 0
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (2, "")


def test_max_seconds_ends_it(happy, bundle, capsys):
    assert webcam(bundle, happy, "--max-seconds", 0.4) == 0
    assert "10 frames" in capsys.readouterr().err


def test_what_is_found_can_be_recorded(happy, bundle, tmp_path):
    record = tmp_path / "out.jsonl"
    assert webcam(bundle, happy, "--output", record) == 0
    rows = [json.loads(line) for line in record.read_text().splitlines()]
    assert [row["frame"] for row in rows] == list(range(30))
    assert {face["track"] for row in rows for face in row["faces"]} == {1}
    assert {face["label"] for row in rows for face in row["faces"]} == {"happy"}


def test_a_record_may_be_a_video_and_a_timeline(happy, bundle, tmp_path, capsys):
    record, timeline = tmp_path / "out.mp4", tmp_path / "out.png"
    assert webcam(bundle, happy, "--output", record, "--timeline", timeline) == 0
    assert capsys.readouterr().err.endswith(f"mien: video in {record}\nmien: timeline in {timeline}\n")
    assert cv2.VideoCapture(str(record)).get(cv2.CAP_PROP_FRAME_COUNT) == 30
    assert cv2.imread(str(timeline)) is not None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["99"], "webcam 99 can't be opened; connect it"),
        (["none.mp4"], "none.mp4: no such file, expected a video"),
        (
            ["film.mp4", "--output", "x.pdf"],
            "x.pdf: no output format has the ending '.pdf'; expected one of .json, .jsonl, .ndjson, .csv",
        ),
        (["film.mp4", "--view", "window"], "no window: this OpenCV has none, or there is no screen"),
        (["film.mp4", "--view", "terminal"], "standard output isn't a terminal; try --view lines"),
        (["film.mp4", "--smooth", "-1"], "smooth -1 s"),
        (["film.mp4", "--timeline", "x.pdf"], "x.pdf: can't write an image"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_no_file(
    happy, bundle, tmp_path, monkeypatch, capsys, words, message
):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert webcam(bundle, *words) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("film.mp4", ["--output", "film.mp4"]),
        ("film.mp4", ["--output", "link.mp4"]),
        ("./link.mp4", ["--output", "film.mp4"]),
        ("moving.webp", ["--timeline", "./moving.webp"]),
    ],
)
def test_the_source_is_never_written_over(bundle, tmp_path, monkeypatch, capsys, source, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.mp4").write_text("mine")
    (tmp_path / "moving.webp").write_text("mine")
    (tmp_path / "link.mp4").symlink_to("film.mp4")
    assert webcam(bundle, source, *words) == 2
    assert f"{words[1].removeprefix('./')}: this is an input" in capsys.readouterr().err


def test_a_camera_that_is_missing_leaves_an_old_record_alone(bundle, tmp_path, capsys):
    record = tmp_path / "out.jsonl"
    record.write_text("old")
    assert webcam(bundle, 99, "--output", record, "--timeline", tmp_path / "out.png") == 2
    assert record.read_text() == "old"
    assert not (tmp_path / "out.png").exists()


def test_a_damaged_video_is_reported_after_its_readable_part(bundle, tmp_path, capsys):
    path = film(tmp_path / "film.webm", walk(40, step=1))
    path.write_bytes(path.read_bytes()[:-500])
    assert webcam(bundle, path) == 0
    assert "frames can be read; is it damaged or cut off?" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["press", "signal"])
def test_q_and_ctrl_c_are_a_normal_end(happy, bundle, capsys, monkeypatch, kind):
    class Ended:
        paced, ended = False, False

        def __init__(self):
            self.seen = 0

        def __enter__(self):
            return self

        def write(self, result):
            self.seen += 1
            if self.seen == 7 and kind == "press":
                self.ended = True
            if self.seen == 7 and kind == "signal":
                signal.raise_signal(signal.SIGINT)

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(module, "_view", lambda _: Ended())
    assert webcam(bundle, happy) == 0
    assert "7 frames" in capsys.readouterr().err


def test_a_number_is_a_webcam_unless_a_file_is_called_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert module._source("3") == 3
    (tmp_path / "3").write_text("")
    assert module._source("3") == "3"
    assert module._source("rtsp://camera") == "rtsp://camera"
