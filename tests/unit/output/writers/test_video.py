import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest

from mien.detection.box import Box
from mien.errors import MienError, OutputError
from mien.labels import EMOTIONS
from mien.media.video.capture import video_info
from mien.media.video.encoding import VideoEncoder
from mien.media.video.frames import read_frames
from mien.media.video.kinds import KINDS
from mien.output.writers.video import VideoWriter
from mien.recognition.face import Face, Result
from video_builders import GREEN, picture

SIZE = (256, 192)
"""Smaller images are enlarged when they are annotated."""


def result(time, image=None, *, faces=()):
    image = picture(size=SIZE) if image is None else image
    height, width = image.shape[:2]
    return Result("a.mp4", width, height, tuple(faces), frame=0, time=time, image=image)


def written(path, results):
    with VideoWriter(path) as writer:
        for one in results:
            writer.write(one)
    return path


def failing(*_):
    raise MienError("the disk is full")


def times_of(path):
    return [frame.time for frame in read_frames(path, notice=lambda line: pytest.fail(line))]


def frames(path):
    return [frame.image for frame in read_frames(path, notice=lambda line: pytest.fail(line))]


@pytest.mark.parametrize("suffix", sorted(KINDS))
def test_a_video_can_be_read_back(tmp_path, suffix):
    path = written(tmp_path / f"b{suffix}", [result(at / 25) for at in range(30)])
    info = video_info(path)
    assert (info.fps, info.seconds) == (25, pytest.approx(1.2))
    images = frames(path)
    assert len(images) == 30
    assert np.abs(images[15][60, 80].astype(int) - GREEN).max() < 12
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_faces_are_drawn_into_it(tmp_path):
    face = Face.from_probabilities(
        Box(50, 40, 60, 60), 0.9, EMOTIONS, (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0), track=1
    )
    plain, drawn = (
        frames(written(tmp_path / name, [result(at / 25, faces=some) for at in range(3)]))[0].astype(int)
        for name, some in (("a.mp4", ()), ("b.mp4", (face,)))
    )
    assert np.abs(plain - drawn).max() > 80


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_videos_are_complete(tmp_path, count):
    path = written(tmp_path / "b.mp4", [result(at / 10) for at in range(count)])
    assert len(frames(path)) == count


@pytest.mark.parametrize("size", [(257, 193), (256, 193), (257, 192)])
def test_odd_sizes_are_extended(tmp_path, size):
    image = picture(size=size)
    image[:, -1] = image[-1] = 255
    images = frames(written(tmp_path / "b.avi", [result(at / 25, image) for at in range(3)]))
    assert images[0].shape[1::-1] == (size[0] + size[0] % 2, size[1] + size[1] % 2)
    assert images[0][-1, -1].min() > 150


@pytest.mark.parametrize(("step", "seconds"), [(0.04, 2.0), (0.2, 4.0), (1.0, 8.0), (1 / 29.97, 2.0)])
def test_the_duration_is_correct_at_any_frame_step(tmp_path, step, seconds):
    path = written(tmp_path / "b.mp4", [result(at * step) for at in range(round(seconds / step))])
    assert video_info(path).seconds == pytest.approx(seconds, abs=max(0.1, step))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_a_variable_frame_rate_is_kept(tmp_path, suffix):
    times = [7.0, 7.1, 7.11, 7.5, 9.0]
    path = written(tmp_path / f"b{suffix}", [result(time) for time in times])
    assert times_of(path) == pytest.approx([time - 7 for time in times], abs=0.001)
    assert video_info(path).seconds == pytest.approx(3.5, abs=0.05)


def test_avi_rounds_times_to_its_frame_rate_and_reports_dropped_frames(tmp_path):
    said = []
    with VideoWriter(tmp_path / "b.avi", notice=said.append) as writer:
        for time in (0, 0.1, 0.12, 0.19, 0.4):
            writer.write(result(time))
    assert times_of(tmp_path / "b.avi") == pytest.approx([0, 0.1, 0.2, 0.4])
    assert said == [
        f"{tmp_path / 'b.avi'}: dropped frames: 1, since the frame rate varies; an .mp4 keeps them"
    ]


def test_a_video_may_start_at_any_time(tmp_path):
    path = written(tmp_path / "b.mp4", [result(600 + at / 25) for at in range(20)])
    assert len(frames(path)) == 20


def test_frames_of_another_size_are_resized(tmp_path):
    images = [picture(size=SIZE)] * 12 + [picture(size=(320, 240))] * 3
    path = written(tmp_path / "b.mp4", [result(at / 25, image) for at, image in enumerate(images)])
    assert {image.shape for image in frames(path)} == {(192, 256, 3)}


def test_ctrl_c_leaves_a_complete_video(tmp_path):
    path = tmp_path / "b.mp4"
    with suppress(KeyboardInterrupt), VideoWriter(path) as writer:
        for at in range(25):
            writer.write(result(at / 25))
        raise KeyboardInterrupt
    assert len(frames(path)) == 25


def test_an_existing_file_is_kept_until_the_end(tmp_path):
    path = tmp_path / "b.mp4"
    path.write_bytes(b"old")
    with VideoWriter(path) as writer:
        for at in range(25):
            writer.write(result(at / 25))
        assert path.read_bytes() == b"old"
    assert len(frames(path)) == 25


def test_without_a_frame_there_is_no_file(tmp_path):
    written(tmp_path / "b.mp4", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["b.xyz", "b", "b.png"])
def test_other_endings_are_refused_immediately(tmp_path, name):
    with pytest.raises(MienError, match=r"can't write a video with the ending .*; expected one of .mp4"):
        VideoWriter(tmp_path / name)


def test_a_missing_codec_is_reported_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(av, "codecs_available", {"libvpx-vp9"})
    with pytest.raises(MienError, match=r"b.mp4: this build of PyAV has no encoder for it .libx264 or"):
        VideoWriter(tmp_path / "b.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_regular_file_is_refused_immediately(tmp_path, make):
    make(tmp_path / "b.mp4")
    with pytest.raises(MienError, match=r"b.mp4: (not a regular file|can't write there, this is a folder)"):
        VideoWriter(tmp_path / "b.mp4")


def test_a_symbolic_link_is_kept(tmp_path):
    (tmp_path / "b.mp4").symlink_to(tmp_path / "real.bin")
    written(tmp_path / "b.mp4", [result(0.0)])
    assert (tmp_path / "b.mp4").is_symlink()
    assert len(frames(tmp_path / "real.bin")) == 1


@pytest.mark.parametrize("name", ["é" * 124 + ".mp4", "b\udcff.mp4"], ids=["long", "not UTF-8"])
def test_any_name_is_possible(tmp_path, name):
    assert len(frames(written(tmp_path / name, [result(0.0)]))) == 1


def test_after_an_error_nothing_is_left(tmp_path, monkeypatch):
    path = tmp_path / "b.mp4"
    path.write_bytes(b"old")
    with suppress(MienError), VideoWriter(path) as writer:
        for at in range(3):
            writer.write(result(at / 25))
            monkeypatch.setattr(VideoEncoder, "add", failing)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_path_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match=r"b.mp4: can't write there"):
        written(tmp_path / "file" / "b.mp4", [result(0.0)])


@pytest.mark.parametrize("ending", KINDS)
def test_a_full_disk_is_reported_and_leaves_no_file(tmp_path, file_size_limit, ending):
    path, noise = tmp_path / f"b{ending}", np.random.default_rng(0)
    path.write_bytes(b"old")
    images = [noise.integers(0, 256, (96, 128, 3), np.uint8) for _ in range(12)]
    results = [result(number / 25, image) for number, image in enumerate(images)]
    with file_size_limit(20_000), pytest.raises(OutputError, match=r"can't write it \(File too large\)"):
        written(path, results)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", KINDS)
def test_an_annotated_video_is_recognized(tmp_path, ending):
    path = tmp_path / f"b{ending}"
    with VideoWriter(path, "key") as writer:
        writer.write(result(0.0))
    assert VideoWriter.is_own(path)
    path.write_bytes(path.read_bytes().replace(b"mien (annotated)", b"other           "))
    assert not VideoWriter.is_own(path)


def test_an_image_without_time_is_refused(tmp_path):
    with VideoWriter(tmp_path / "b.mp4") as writer, pytest.raises(ValueError, match="a time and an image"):
        writer.write(Result("a.jpg", 10, 10, (), image=picture()))


def test_ffmpeg_is_silent(tmp_path):
    script = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from mien.recognition.face import Result\n"
        "from mien.output.writers.video import VideoWriter\n"
        "with VideoWriter(Path(sys.argv[1])) as out:\n"
        "    out.write(Result('a', 64, 48, (), frame=0, time=0.0, image=np.zeros((48, 64, 3), np.uint8)))\n"
        "print('done', file=sys.stderr)\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path / "b.webm")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == "done\n"
