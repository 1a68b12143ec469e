import av
import numpy as np
import pytest

from mien.media.video.encoding import BT709, SMPTE170M, VideoEncoder
from mien.media.video.frames import read_frames
from mien.media.video.kinds import KINDS

COLOR = (200, 40, 90)


def encoded(path, size=(160, 120), times=(0.0, 0.04), **options):
    encoder = VideoEncoder(path, path, KINDS[path.suffix], size, **options)
    for time in times:
        encoder.add(np.full((size[1], size[0], 3), COLOR, np.uint8), time, 0.04)
    encoder.finish(times[-1] + 0.04)
    return path


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
@pytest.mark.parametrize(("height", "matrix"), [(720, BT709), (576, SMPTE170M)])
def test_the_file_declares_the_color_matrix_that_players_expect(tmp_path, ending, height, matrix):
    path = encoded(tmp_path / f"a{ending}", (64, height))
    with av.open(str(path)) as file:
        assert next(file.decode(video=0)).colorspace == matrix
    image = next(read_frames(path, notice=pytest.fail)).image
    assert np.abs(image[height // 2, 32].astype(int) - COLOR).max() < 6


def test_the_index_of_an_mp4_is_at_its_beginning(tmp_path):
    content = encoded(tmp_path / "a.mp4").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_frames_are_stored_in_the_order_in_which_they_are_shown(tmp_path):
    path = encoded(tmp_path / "a.mp4", times=[at / 25 for at in range(12)])
    with av.open(str(path)) as file:
        packets = [packet for packet in file.demux(video=0) if packet.dts is not None]
    assert all(packet.pts == packet.dts for packet in packets)


def test_the_encoder_has_the_requested_number_of_threads(tmp_path):
    encoder = VideoEncoder(tmp_path / "a.mp4", tmp_path / "a.mp4", KINDS[".mp4"], (64, 48), threads=1)
    assert encoder._stream.codec_context.thread_count == 1
    encoder.abandon()
