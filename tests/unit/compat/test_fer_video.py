"""`Video` of fer, compared with records of the package."""

import zipfile
from pathlib import Path

import av
import numpy as np
import pytest

from late import Late
from mien.compat import fer
from mien.compat.fer import FER, Video
from record_peers import error_of, shape_of
from video_builders import film

from .conftest import LARGE

pandas = Late("pandas")

pytestmark = pytest.mark.usefixtures("loaded")

NOTHING = {"save_frames": False, "save_video": False}

SCRIPT = """
from fer import Video
from fer import FER

video = Video("video.mp4")
detector = FER(mtcnn=True)
raw_data = video.analyze(detector, display=False)
df = video.to_pandas(raw_data)
df = video.get_first_face(df)
df = video.get_emotions(df)
print(len(df), *df.columns, round(sum(df.sad) / len(df), 2))
"""


def streams(path):
    """The number of frames of a video, and the kinds of its streams."""
    with av.open(str(path)) as file:
        kinds = [stream.type for stream in file.streams]
        return sum(1 for _ in file.decode(video=0)), kinds


@pytest.mark.usefixtures("video_folder")
def test_results_and_files_are_the_recorded_ones(recorded):
    video, record = Video("video.mp4"), recorded["fer"]
    rows = video.analyze(FER())
    assert shape_of(rows[:1]) == record["analyze"]
    assert len(rows) == 3  # frames without a face are left out
    assert Path("data.csv").read_text().splitlines()[0] == record["csv"]
    frame = video.to_pandas(rows)
    assert list(frame.columns) == record["columns"]
    assert [str(kind) for kind in frame.dtypes] == record["types"]
    assert list(video.get_emotions(frame).columns) == record["emotions"]
    assert streams("output/video_output.mp4") == (4, ["video"])
    with zipfile.ZipFile("output/images.zip") as archive:
        assert archive.namelist() == [f"video{number}.jpg" for number in range(4)]


@pytest.mark.usefixtures("video_folder")
def test_nothing_is_saved_that_was_not_requested(video_folder):
    before = set(video_folder.rglob("*"))
    Video("video.mp4").analyze(FER(), output="pandas", **NOTHING)
    assert set(video_folder.rglob("*")) == before


def test_frames_can_stay_files_with_another_name(video_folder):
    Video("video.mp4", outdir="out").analyze(
        FER(), output="pandas", save_video=False, zip_images=False, video_id="clip", max_results=2
    )
    assert sorted(path.name for path in (video_folder / "out").iterdir()) == ["clip0.jpg", "clip1.jpg"]


def test_the_sound_is_in_a_second_video(video_folder):
    Video("video.mp4").analyze(FER(), output="pandas", include_audio=True, **NOTHING)
    assert streams(video_folder / "output" / "video_output_audio.mp4") == (4, ["video", "audio"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"frequency": 2}, 2), ({"max_results": 1}, 1), ({"save_fps": 5}, 2), ({"save_fps": 100}, 3)],
)
def test_frames_are_left_out(options, expected, video_folder):
    assert len(Video("video.mp4").analyze(FER(), output="pandas", **NOTHING, **options)) == expected


def test_boxes_in_a_part_are_those_of_the_whole_frame(video_folder):
    part = {"x_min": 120, "x_max": 320, "y_min": 20, "y_max": 240}
    frame = Video("video.mp4").analyze(FER(), output="pandas", detection_box=part, max_results=1, **NOTHING)
    assert np.allclose(frame.box[0], LARGE, atol=2)
    with pytest.raises(fer.UnimplementedError, match="outside of the frames"):
        Video("video.mp4").analyze(FER(), detection_box={"x_min": 900}, **NOTHING)


def test_all_faces_are_kept_on_request(video_folder):
    video = Video("video.mp4", first_face_only=False)
    frame = video.analyze(FER(), output="pandas", max_results=1, **NOTHING)
    assert [name for name in frame.columns if "box" in name] == ["box0", "box1"]
    first = video.get_first_face(frame)
    assert list(first.columns)[:2] == ["box", "angry"]
    assert video.get_first_face(first) is first


def test_raw_faces_become_tables(tmp_path, video_folder):
    faces = [[{"box": [1, 2, 3, 4], "emotions": {"happy": 0.5}}], []]
    video = Video("video.mp4")
    assert video.get_max_faces(faces) == 1
    assert video.to_csv(faces, tmp_path / "faces.csv") == [
        {"box0": [1, 2, 3, 4], "happy0": 0.5},
        {},
    ]
    assert (tmp_path / "faces.csv").read_text() == 'box0,happy0\n"[1, 2, 3, 4]",0.5\n,\n'
    frame = video.to_pandas(faces)
    assert frame.happy.isna().tolist() == [False, True]
    assert video.to_pandas(frame).equals(frame)
    assert video.to_pandas([]).equals(pandas.DataFrame())


@pytest.mark.parametrize("annotated", [True, False])
def test_the_faces_are_drawn(annotated, video_folder):
    Video("video.mp4").analyze(
        FER(), output="pandas", save_video=False, zip_images=False, annotate_frames=annotated, max_results=1,
        lang="de",
    )  # fmt: skip
    from PIL import Image

    with Image.open("output/video0.jpg") as saved:
        colors = np.asarray(saved.convert("HSV"))[:, :, 1]
    assert (colors.max() > 100) == annotated


def test_videos_of_other_kinds_are_saved_as_mp4(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures = [np.zeros((64, 96, 3), np.uint8)] * 2
    film(tmp_path / "a.mp4", pictures).rename(tmp_path / "a.mpg")
    Video("a.mpg").analyze(FER(), output="pandas", save_frames=False)
    assert (tmp_path / "output" / "a_output.mp4").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"output": "json"}, "output 'json': expected one of csv, pandas"),
        ({"lang": "fr"}, "lang 'fr': expected one of en, de, tr"),
        ({"frequency": 0}, "frequency=0, expected"),
        ({"detection_box": [1, 2]}, "detection_box=<list>, expected a dict"),
        ({"display": True}, "display: needs a screen"),
    ],
)
def test_wrong_arguments_are_one_clear_error(options, message, video_folder, monkeypatch):
    monkeypatch.setattr("mien.compat.fer_output.has_windows", lambda: False)
    with pytest.raises(fer.UnimplementedError, match=message):
        Video("video.mp4").analyze(FER(), **options)
    assert not (video_folder / "output").exists()


def test_a_missing_video_is_the_error_of_fer(recorded, tmp_path):
    classes, message = error_of(lambda: Video(tmp_path / "nowhere.mp4"))
    assert recorded["fer"]["no video"][0][0] in classes
    assert message.startswith("Video file not found at ")


def test_a_file_that_is_no_video_is_one_clear_error(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"x")
    with pytest.raises(fer.InvalidVideo, match=r"a\.mp4"):
        Video(tmp_path / "a.mp4", outdir=tmp_path).analyze(FER(), **NOTHING)


def test_the_window_ends_the_analysis(video_folder, monkeypatch):
    class Window:
        ended = False

        def __enter__(self):
            return self

        def write(self, result):
            self.ended = result.frame == 1

        def __exit__(self, *_):
            pass

    monkeypatch.setattr("mien.compat.fer_output.has_windows", lambda: True)
    monkeypatch.setattr("mien.compat.fer_output.WindowView", Window)
    assert len(Video("video.mp4").analyze(FER(), display=True, output="pandas", **NOTHING)) == 2


def test_a_script_runs_with_only_the_import_changed(video_folder, capsys):
    exec(compile(SCRIPT.replace("from fer import", "from mien.compat.fer import"), "script", "exec"), {})
    assert capsys.readouterr().out == "3 angry disgust fear happy sad surprise neutral 0.99\n"
