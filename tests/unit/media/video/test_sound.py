from pathlib import Path

import av
import numpy as np
import pytest

from mien.media.video.frames import read_frames
from mien.output.writers.video import VideoWriter
from mien.recognition.face import Result
from video_builders import damaged, film, picture, walk


def sound_of(path):
    """Codec, first and last second of the sound, and the mean level in the middle."""
    with av.open(str(path)) as file:
        track = file.streams.best("audio")
        frames = list(file.decode(track))
        level = np.abs(frames[len(frames) // 2].to_ndarray()).mean()
        return track.codec_context.codec.canonical_name, frames[0].time, frames[-1].time, level


@pytest.mark.parametrize(
    ("source", "codec", "suffix", "expected"),
    [
        (".mp4", "aac", ".mp4", "aac"),
        (".mkv", "flac", ".mp4", "aac"),
        (".mp4", "aac", ".webm", "opus"),
        (".webm", "libopus", ".webm", "opus"),
        (".mkv", "flac", ".mkv", "flac"),
        (".mov", "pcm_s16le", ".avi", "mp3"),
    ],
)
@pytest.mark.parametrize("start", [0.0, 0.4])
def test_the_sound_of_the_source_is_kept(tmp_path, source, codec, suffix, expected, start):
    origin = film(tmp_path / f"a{source}", walk(30), sound=codec)
    with VideoWriter(tmp_path / f"b{suffix}", sound=origin, notice=pytest.fail) as writer:
        for frame in read_frames(origin, start=start, end=1.0, notice=pytest.fail):
            writer.write(Result("a", 160, 120, (), frame=0, time=frame.time, image=frame.image))
    found, first, last, level = sound_of(tmp_path / f"b{suffix}")
    assert found == expected
    assert -0.03 < first < 0.1
    assert last == pytest.approx(1 - start, abs=0.12)
    assert level > 0.1
    assert next(read_frames(tmp_path / f"b{suffix}", notice=pytest.fail)).time == pytest.approx(0, abs=0.01)


def test_a_source_without_sound_makes_a_video_without_sound(tmp_path):
    origin = film(tmp_path / "a.mp4", walk(3))
    with VideoWriter(tmp_path / "b.mp4", sound=origin, notice=pytest.fail) as writer:
        writer.write(Result("a", 160, 120, (), frame=0, time=0.0, image=picture()))
    with av.open(str(tmp_path / "b.mp4")) as file:
        assert [stream.type for stream in file.streams] == ["video"]


def test_sound_that_cannot_be_read_is_reported(tmp_path):
    said = []
    with VideoWriter(tmp_path / "b.mp4", sound=tmp_path / "none.mp4", notice=said.append) as writer:
        writer.write(Result("a", 160, 120, (), frame=0, time=0.0, image=picture()))
    assert said == [f"{tmp_path / 'none.mp4'}: the sound can't be read; the rest of the video has none"]
    assert len(list(read_frames(tmp_path / "b.mp4", notice=pytest.fail))) == 1


def test_damaged_sound_does_not_end_the_video(tmp_path):
    origin = film(tmp_path / "a.mkv", walk(20), sound="aac")
    damaged(origin, 0.7, 2000)
    with VideoWriter(tmp_path / "b.webm", sound=origin, notice=print) as writer:
        for at in range(20):
            writer.write(Result("a", 160, 120, (), frame=at, time=at / 25, image=picture()))
    assert len(list(read_frames(tmp_path / "b.webm", notice=pytest.fail))) == 20


@pytest.mark.parametrize("name", ["concat:a.mp4", "a\udcff.mp4", "a:b.mp4"])
def test_a_name_with_a_colon_or_that_is_not_utf8_is_that_of_a_file(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    origin = film(tmp_path / "a.mp4", walk(3), sound="aac").rename(name)
    with VideoWriter(Path("b:c.mp4"), sound=origin, notice=pytest.fail) as writer:
        writer.write(Result("a", 160, 120, (), frame=0, time=0.0, image=picture()))
    assert sound_of(tmp_path / "b:c.mp4")[0] == "aac"
