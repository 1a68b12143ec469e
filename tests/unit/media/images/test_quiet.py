import io
import warnings

import pytest
from PIL import Image

from mien.media.images.quiet import QUIET_PILLOW


def warn_as(module):
    warnings.warn_explicit("odd", UserWarning, "file.py", 1, module=module)


def test_pillow_alone_is_quiet_inside_alone():
    before = list(warnings.filters)
    with QUIET_PILLOW:
        warn_as("PIL.Image")
        with pytest.raises(UserWarning):
            warn_as("numpy")
    assert list(warnings.filters) == before
    with pytest.raises(UserWarning):
        warn_as("PIL.Image")


def test_it_is_quiet_until_the_last_has_left():
    with QUIET_PILLOW:
        with QUIET_PILLOW:
            warn_as("PIL.Image")
        warn_as("PIL.Image")
    with pytest.raises(UserWarning):
        warn_as("PIL.Image")


def test_it_heeds_no_error():
    with pytest.raises(ValueError, match="x"), QUIET_PILLOW:
        raise ValueError("x")
    with pytest.raises(UserWarning):
        warn_as("PIL.Image")


def damaged_tiff():
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "TIFF", compression="tiff_lzw")
    content = bytearray(buffer.getvalue())
    content[300:340] = b"\xff" * 40
    return io.BytesIO(content)


def test_libtiff_writes_nothing_inside_and_again_outside(capfd):
    with QUIET_PILLOW, QUIET_PILLOW, pytest.raises(OSError, match="decoder error"):
        Image.open(damaged_tiff()).load()
    assert capfd.readouterr().err == ""
    with pytest.raises(OSError, match="decoder error"):
        Image.open(damaged_tiff()).load()
    assert "code" in capfd.readouterr().err
