"""Opening a video file, a stream or a webcam."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from mien.media.video.source import OpenVideo, VideoInfo, VideoSource, name_of


def video_info(source: VideoSource) -> VideoInfo:
    """Return what a source declares about itself; opens and closes it.

    Raises:
        ImageError: There is no such file, stream or webcam, or it is no video.
    """
    with opened(source) as video:
        return video.info


@contextmanager
def opened(source: VideoSource, threads: int | None = None) -> Iterator[OpenVideo]:
    """Open a source, and close it at the end.

    Args:
        source: A path, an address (rtsp://, http://…) or the number of a webcam.
        threads: Threads of the decoder of a file or stream; None is one per core.

    Raises:
        ImageError: There is no such file, stream or webcam, or it is no video.
    """
    name_of(source)
    if isinstance(source, int):
        from mien.media.video.camera import Camera

        with closing(Camera(source)) as camera:
            yield camera
        return
    from mien.media.video.container import Container

    with closing(Container(os.fsdecode(source), threads)) as container:
        yield container
