from pathlib import Path

import av
import pytest

from mien.errors import MienError
from mien.media.video.kinds import KINDS, available_encoders, kind_of


@pytest.mark.parametrize("ending", sorted(KINDS))
def test_the_wheel_of_pyav_has_encoders_for_all_kinds(ending):
    kind = kind_of(Path(f"a{ending.upper()}"))
    assert available_encoders(kind)
    assert kind.sound in av.codecs_available


def test_another_encoder_of_the_same_codec_will_do(monkeypatch):
    monkeypatch.setattr(av, "codecs_available", {"libopenh264"})
    assert available_encoders(kind_of(Path("a.mp4"))) == ["libopenh264"]


def test_without_an_encoder_one_line_says_so(monkeypatch):
    monkeypatch.setattr(av, "codecs_available", {"libx264"})
    with pytest.raises(MienError, match=r"^a.webm: this build of PyAV has no encoder for it \(libvpx-vp9\)"):
        kind_of(Path("a.webm"))
