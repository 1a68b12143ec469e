from pathlib import Path

import av
import pytest

from mien.errors import ImageError
from mien.limits import MAX_SAMPLES
from mien.media.video import opening
from mien.media.video.opening import open_video_file
from video_builders import film as make_film
from video_builders import picture


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    make_film(path, [picture(size=(64, 48))] * 2)
    return path


def test_a_table_that_declares_too_many_frames_is_refused(film: Path, tmp_path: Path) -> None:
    content, path = film.read_bytes(), tmp_path / "b.mp4"
    at = content.index(b"stsz") + 8
    declared = (1).to_bytes(4, "big") + (MAX_SAMPLES + 1).to_bytes(4, "big")
    path.write_bytes(content[:at] + declared + content[at + 8 :])
    with pytest.raises(ImageError, match=r"b\.mp4: a video that declares"):
        open_video_file(path)


def test_boxes_behind_an_unknown_one_are_no_video(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.mp4"
    path.write_bytes(b"\0\0\0\x08abcd" + film.read_bytes())
    with pytest.raises(ImageError, match="not a video"):
        open_video_file(path)


def test_what_ffmpeg_can_not_allocate_is_an_error_of_the_file(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise av.error.MemoryError(12, "Cannot allocate memory")

    monkeypatch.setattr(opening.av, "open", refuse)
    with pytest.raises(ImageError, match=r"a\.mp4: a video whose header needs too much memory"):
        open_video_file(film)
