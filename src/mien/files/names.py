"""Names of files and folders that Linux, macOS and Windows take alike.

mien gives files names of classes, images and members of archives. On every system they become names that all
systems take, so that results can be copied from one to the other.
"""

import os
import re
from hashlib import sha256
from typing import Final

LONGEST_NAME: Final = 255
"""Units of `length_of` in the longest name of a file."""

MAX_PATH: Final = 4095
"""Units of `length_of` in the longest path, on Linux; other systems have lower limits."""

_LONGEST_SUFFIX: Final = 64

_INVALID: Final = re.compile(r'[\x00-\x1f<>:"/|?*\\\ud800-\udfff]')
"""Characters that some file systems do not allow in a name."""

_RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)
"""Devices of Windows, also with an ending: `aux.jpg` is the device AUX."""


def problem_of_name(name: str) -> str:
    """Return why some system does not take a name, as a clause, or an empty string.

    Examples:
        >>> problem_of_name("happy")
        ''
        >>> problem_of_name("nul")
        'it is the name of a device on Windows'
    """
    if not name or not name.strip("."):
        return "it is empty or has dots only"
    if found := _INVALID.search(name):
        return f"it has the character {found[0]!r}"
    if name[-1] in ". ":
        return f"it ends with {name[-1]!r}, which Windows removes"
    if _RESERVED.fullmatch(name):
        return "it is the name of a device on Windows"
    return ""


def portable_name(name: str) -> str:
    """Return a name that all systems take: invalid characters become `_`, as do dots and spaces at the end.

    Examples:
        >>> portable_name("12:30.jpg")
        '12_30.jpg'
        >>> portable_name("aux.jpg")
        'aux_.jpg'
    """
    name = _INVALID.sub("_", name)
    kept = name.rstrip(". ")
    name = kept + "_" * (len(name) - len(kept))
    found = _RESERVED.fullmatch(name)
    return f"{found[1]}_{name[len(found[1]) :]}" if found else name or "_"


def folded_name(name: str) -> str:
    """Return what is equal for names that are one file where case is ignored, as on macOS and Windows."""
    return name.casefold()


def name_of_bytes(content: bytes, system: str = os.name) -> str:
    r"""Return the path that another program has written, whatever its bytes are.

    Args:
        content: In the encoding of paths, which is UTF-8 on Windows.
        system: As `os.name`; `os.fsdecode` of Windows refuses bytes that are not UTF-8.

    Examples:
        >>> name_of_bytes(b"a\xff")
        'a\udcff'
    """
    return content.decode("utf-8", "surrogateescape") if system == "nt" else os.fsdecode(content)


def length_of(name: str, system: str = os.name) -> int:
    """Return the length of a name in the units that the system counts.

    Args:
        name: A name, or a path.
        system: As `os.name`.

    Returns:
        UTF-16 code units on Windows ("nt"), bytes elsewhere.
    """
    return len(name.encode("utf-16-le", "surrogatepass")) // 2 if system == "nt" else len(os.fsencode(name))


def fitting_name(stem: str, suffix: str) -> str:
    """Return stem + suffix; the end of the stem is replaced by a digest if the name would be too long.

    Examples:
        >>> fitting_name("photo", ".png")
        'photo.png'
        >>> len(fitting_name(300 * "x", ".png"))
        255
    """
    if len(os.fsencode(suffix)) > _LONGEST_SUFFIX:
        stem, suffix = stem + suffix, ""
    content, end = os.fsencode(stem), os.fsencode(suffix)
    if len(content) + len(end) <= LONGEST_NAME:
        return stem + suffix
    digest = sha256(content).hexdigest()[:8]
    cut = content[: LONGEST_NAME - len(end) - len(digest) - 1].decode("utf-8", "ignore")
    return f"{cut}~{digest}{suffix}"
