import math
import re
import subprocess
import sys
from fractions import Fraction
from itertools import islice, pairwise

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from hypothesis import given
from hypothesis import strategies as some

from mien.errors import ImageError
from mien.media.video.frames import Clock, read_frames
from mien.media.video.kinds import KINDS
from mien.media.video.source import VideoInfo
from video_builders import GREEN, cut_off, damaged, film, picture, turned, uneven, walk


@pytest.fixture
def said():
    return []


def numbered(n):
    """Frames that differ in brightness, by ten levels each."""
    return (np.full((120, 160, 3), 10 * at, np.uint8) for at in range(n))


def seen(path, said, **options):
    """Number, time and the number that is drawn into the frame, of each frame."""
    frames = read_frames(path, notice=said.append, **options)
    return [(frame.number, round(frame.time, 3), round(frame.image.mean() / 10)) for frame in frames]


@pytest.mark.parametrize("suffix", sorted(KINDS))
def test_every_frame_of_a_file_is_read_in_order(tmp_path, suffix, said):
    path = film(tmp_path / f"a{suffix}", numbered(20))
    assert seen(path, said) == [(at, round(at / 25, 3), at) for at in range(20)]
    assert said == []


def test_frames_are_rgb(tmp_path, said):
    path = film(tmp_path / "a.mp4", [picture((60, 40, 40, 128))] * 3)
    image = next(read_frames(path, notice=said.append)).image
    assert (image.shape, image.dtype) == ((120, 160, 3), np.uint8)
    assert np.abs(image[10, 10].astype(int) - GREEN).max() < 10


def test_every_nth_frame_keeps_its_number_and_time(tmp_path, said):
    path = film(tmp_path / "a.avi", numbered(20))
    assert seen(path, said, every=7) == [(0, 0.0, 0), (7, 0.28, 7), (14, 0.56, 14)]


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".webm", ".mkv"])
@pytest.mark.parametrize("start", [0.5, 1.5, 2.21])
def test_a_part_is_exact(tmp_path, suffix, start, said):
    path = film(tmp_path / f"a{suffix}", (np.full((48, 64, 3), 3 * at, np.uint8) for at in range(80)))
    whole = list(read_frames(path, notice=said.append))
    part = list(read_frames(path, start=start, end=start + 0.2, notice=said.append))
    first = math.ceil(start * 25)
    assert [frame.number for frame in part] == list(range(first, first + 5))
    for frame in part:
        assert frame.time == whole[frame.number].time
        assert np.array_equal(frame.image, whole[frame.number].image)
    assert said == []


def test_every_counts_from_the_start(tmp_path, said):
    path = film(tmp_path / "a.mp4", numbered(20))
    assert [number for number, *_ in seen(path, said, start=0.1, every=5)] == [3, 8, 13, 18]


@pytest.mark.parametrize("start", [0.9, 99, 1e300])
def test_a_start_after_the_end_is_told(tmp_path, start, said):
    path = film(tmp_path / "a.mp4", numbered(20))
    message = f"a.mp4: no frame at or after {start} s; it is about 0.8 s long"
    with pytest.raises(ImageError, match=re.escape(message)):
        seen(path, said, start=start)


def test_uneven_frames_have_the_times_of_the_file(tmp_path, said):
    path = uneven(tmp_path / "a.gif", walk(5), [40, 400, 40, 100, 40])
    assert [time for _, time, _ in seen(path, said)] == [0, 0.04, 0.44, 0.48, 0.58]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_a_variable_frame_rate_is_kept(tmp_path, suffix, said):
    times = [0.0, 0.1, 0.11, 0.5, 2.0]
    path = film(tmp_path / f"a{suffix}", walk(5), times=times)
    assert [time for _, time, _ in seen(path, said)] == times
    assert said == []


@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709])
def test_colors_follow_the_matrix_of_the_file(tmp_path, said, matrix):
    with av.open(str(tmp_path / "a.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.codec_context.colorspace = matrix
        frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), (200, 40, 90), np.uint8), "rgb24")
        file.mux(stream.encode(frame.reformat(format="yuv420p", dst_colorspace=matrix)))
        file.mux(stream.encode(None))
    image = next(read_frames(tmp_path / "a.mp4", notice=said.append)).image
    assert np.abs(image[60, 80].astype(int) - (200, 40, 90)).max() < 5


@pytest.mark.parametrize(("aspect", "width"), [(2, 320), (Fraction(1, 2), 80), (9, 160)])
def test_pixels_that_are_not_square_are_shown_in_their_aspect_ratio(tmp_path, said, aspect, width):
    with av.open(str(tmp_path / "a.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        file.mux(stream.encode(av.VideoFrame.from_ndarray(picture((80, 30, 40, 128)), "rgb24")))
        file.mux(stream.encode(None))
    image = next(read_frames(tmp_path / "a.mp4", notice=said.append)).image
    assert image.shape == (120, width, 3)
    assert np.ptp(image[50, round(width * 0.6)].astype(int)) < 10


def test_the_size_may_change_on_the_way(tmp_path, said):
    parts = [film(tmp_path / f"{side}.ts", [picture(size=(side, side))] * 4) for side in (64, 128)]
    path = tmp_path / "a.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    sides = [frame.image.shape[0] for frame in read_frames(path, notice=said.append)]
    assert sides == [64] * 4 + [128] * 4


def test_a_phones_video_is_turned_upright(tmp_path, said):
    path = turned(film(tmp_path / "a.mp4", [picture((0, 0, 40, 250))] * 3))
    image = next(read_frames(path, notice=said.append)).image
    assert image.shape == (160, 120, 3)
    assert image[10, 110].min() > 200


@pytest.mark.parametrize("suffix", [".webm", ".mkv"])
@pytest.mark.parametrize("hurt", [lambda path: cut_off(path, 0.6), damaged], ids=["cut off", "damaged"])
def test_what_is_whole_of_a_broken_file_is_read_and_the_rest_is_told(tmp_path, suffix, hurt, said):
    path = hurt(film(tmp_path / f"a{suffix}", walk(40)))
    read = seen(path, said)
    assert [number for number, *_ in read] == list(range(len(read)))
    if len(read) < 36:
        assert (
            said[0] == f"{path}: only {len(read)} of about 40 frames can be read; is it damaged or cut off?"
        )


def test_a_cut_off_file_ends_early(tmp_path, said):
    path = cut_off(film(tmp_path / "a.webm", walk(40)), 0.6)
    assert 5 < len(seen(path, said)) < 35
    assert len(said) == 1


def test_a_part_of_a_cut_off_file_that_is_there_is_no_news(tmp_path, said):
    path = cut_off(film(tmp_path / "a.webm", walk(40)), 0.6)
    assert len(seen(path, said, end=0.2)) == 5
    assert said == []


def test_a_file_can_be_left_early(tmp_path, said):
    path = film(tmp_path / "a.mp4", numbered(20))
    frames = read_frames(path, notice=said.append)
    assert [frame.number for frame in islice(frames, 3)] == [0, 1, 2]
    frames.close()
    path.unlink()
    assert said == []


def test_ffmpeg_is_silent(tmp_path):
    hurt = cut_off(film(tmp_path / "a.webm", walk(40)), 0.6)
    headless = cut_off(film(tmp_path / "b.mp4", walk(40)), 0.6)
    script = (
        "import sys\n"
        "from mien.errors import ImageError\n"
        "from mien.media.video.frames import read_frames\n"
        "for path in [*sys.argv[1:], 99]:\n"
        "    try:\n"
        "        print(len(list(read_frames(path, notice=print))))\n"
        "    except ImageError as error:\n"
        "        print(error)\n"
    )
    words = [sys.executable, "-c", script, str(hurt), str(headless)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 4


def info(fps=25.0, frames=100):
    return VideoInfo("a.mp4", fps, frames, live=False)


def test_the_clock_believes_what_can_be():
    clock = Clock(info())
    assert [clock(said, at) for at, said in enumerate([0.0, 0.1, 0.11, 3.0])] == [0.0, 0.1, 0.11, 3.0]


def test_the_clock_goes_on_where_the_file_lies():
    clock = Clock(info())
    times = [clock(said, at) for at, said in enumerate([0.0, 0.0, -5.0, math.nan, 1e9, 0.5])]
    assert times == pytest.approx([0.0, 0.04, 0.08, 0.12, 0.16, 0.5])


def test_without_any_times_the_clock_counts_frames():
    clock = Clock(info(fps=10.0, frames=None))
    assert [clock(math.nan, at) for at in range(3, 6)] == pytest.approx([0.3, 0.4, 0.5])


@given(some.lists(some.floats(width=32)), some.one_of(some.none(), some.integers(1, 1000)))
def test_time_always_grows(said, frames):
    clock = Clock(info(frames=frames))
    times = [clock(one, at) for at, one in enumerate(said)]
    assert all(early < late for early, late in pairwise(times))
    assert all(time >= 0 for time in times)
