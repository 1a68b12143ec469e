"""Error messages for files that are no readable image: what they are, and what to do."""

import re
from typing import Final

READ: Final = "JPEG, PNG, WebP, GIF, BMP, TIFF, PNM, AVIF or JPEG 2000"

_KINDS: Final = (
    (
        rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",
        "a HEIC image, which can't be read; convert it to JPEG, or set the phone to take JPEG",
    ),
    (rb"....ftyp(?!avi[fs])", "a video, expected an image"),
    (rb"\s*(?:<\?xml|<!--|<!DOCTYPE svg|<svg)", "a drawing (SVG or other XML); export it as PNG first"),
    (rb"\s*(?i:<!doctype html|<html)", "a web page, expected an image; was the download a link to it?"),
    (rb"version https://git-lfs", "a pointer of Git LFS; fetch the image itself with 'git lfs pull'"),
    (rb"%PDF", "a PDF; export its pages as images first"),
    (rb"8BPS", "a Photoshop document; export it as PNG first"),
    (rb"PK\x03\x04|\x1f\x8b|Rar!|7z\xbc\xaf", "an archive; unpack it first"),
)
"""How the contents of each kind begin, and what is said then."""


def what_it_is(start: bytes) -> str:
    """Return what a file that is no readable image seems to be, and what to do about it.

    Args:
        start: Its first bytes, a few hundred of them.
    """
    for pattern, words in _KINDS:
        if re.match(pattern, start, re.DOTALL):
            return words
    return f"not an image that can be read ({READ}), or one whose header is damaged"
