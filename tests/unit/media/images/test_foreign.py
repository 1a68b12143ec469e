import pytest

from mien.media.images.foreign import what_it_is


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"\0\0\0\x24ftypheix\0\0", "HEIC"),
        (b"\0\0\0\x18ftypmp42", "a video"),
        (b"\0\0\0\x18ftypavif", "header is damaged"),
        (b'<?xml version="1.0"?><svg', "SVG"),
        (b"  \n<svg", "SVG"),
        (b"<!DOCTYPE HTML><html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"%PDF-1.7", "PDF"),
        (b"8BPS\0\1", "Photoshop"),
        (b"PK\x03\x04", "unpack"),
        (b"anything else", "JPEG, PNG"),
        (b"", "JPEG, PNG"),
    ],
)
def test_it_is_told_by_how_it_begins(start, words):
    assert words in what_it_is(start)
