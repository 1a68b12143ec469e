import warnings

import pytest

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
