import pytest

from mien.errors import ImageError
from mien.media.video import container
from mien.media.video.container import Container
from video_builders import film, walk


@pytest.mark.parametrize(("threads", "expected"), [(1, 1), (2, 2), (None, 0)])
def test_the_decoder_has_the_requested_number_of_threads(tmp_path, threads, expected):
    opened = Container(str(film(tmp_path / "a.mp4", walk(2))), threads)
    assert opened._stream.codec_context.thread_count == expected
    opened.close()


@pytest.mark.parametrize("limit", [160 * 120 - 1, 160 * 120])
def test_frames_of_too_many_pixels_are_refused(tmp_path, monkeypatch, limit):
    path = film(tmp_path / "a.mp4", walk(2))
    monkeypatch.setattr(container, "MAX_FRAME_PIXELS", limit)
    if limit >= 160 * 120:
        Container(str(path)).close()
        return
    with pytest.raises(ImageError, match=r"a.mp4: frames of 160x120 pixels, expected 0 megapixels at most"):
        Container(str(path))


def test_an_unknown_codec_is_named_as_the_reason(tmp_path):
    path = film(tmp_path / "a.mp4", walk(2))
    path.write_bytes(path.read_bytes().replace(b"avc1", b"xyz1"))
    with pytest.raises(ImageError, match=r"a.mp4: its codec is unknown"):
        Container(str(path))


def test_a_device_is_no_file():
    with pytest.raises(ImageError, match="/dev/null: a device; give a webcam by its number, such as 0"):
        Container("/dev/null")


def test_images_outlive_their_container(tmp_path):
    opened = Container(str(film(tmp_path / "a.mp4", walk(3))))
    images = [frame.rgb() for frame in opened.frames()]
    before = [image.copy() for image in images]
    opened.close()
    assert all((image == copy).all() for image, copy in zip(images, before, strict=True))


PLAYLISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{}\n#EXT-X-ENDLIST\n",
    "list.mp4": "ffconcat version 1.0\nfile '{}'\n",
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\n{}\n",
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_file_opens_no_other_file_or_address(tmp_path, name):
    other = film(tmp_path / "other.mp4", walk(2))
    (tmp_path / name).write_text(PLAYLISTS[name].format(other.name))
    with pytest.raises(ImageError, match=f"{name}: not a video that can be read"):
        Container(str(tmp_path / name))
