import pytest

from mien.media.video.container import Container
from video_builders import film, walk


@pytest.mark.parametrize(("threads", "expected"), [(1, 1), (2, 2), (None, 0)])
def test_the_decoder_has_the_requested_number_of_threads(tmp_path, threads, expected):
    container = Container(str(film(tmp_path / "a.mp4", walk(2))), threads)
    assert container._stream.codec_context.thread_count == expected
    container.close()


def test_images_outlive_their_container(tmp_path):
    container = Container(str(film(tmp_path / "a.mp4", walk(3))))
    images = [frame.rgb() for frame in container.frames()]
    before = [image.copy() for image in images]
    container.close()
    assert all((image == copy).all() for image, copy in zip(images, before, strict=True))
