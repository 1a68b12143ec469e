"""Opening a video file, a stream or a webcam."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from mien.errors import ImageError
from mien.media.video.source import OpenVideo, VideoInfo, VideoSource


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
    if isinstance(source, bool) or not isinstance(source, str | os.PathLike | int):
        raise ImageError(
            f"{type(source).__name__}: expected a video: a path, an address, or the number of a webcam"
        )
    if isinstance(source, int):
        from mien.media.video.camera import Camera

        with closing(Camera(source)) as camera:
            yield camera
        return
    from mien.media.video.container import Container

    with closing(Container(os.fspath(source), threads)) as container:
        yield container
