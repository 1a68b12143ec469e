"""Results of commands on standard output."""

import json
import os
import sys

from mien.text import visible


def print_result(text: object, *, end: str = "\n") -> None:
    """Print a result, such as a path: as it is, or on a terminal with visible control characters."""
    shown = visible(str(text), keep="\n\t") if sys.stdout.isatty() else str(text)
    try:
        print(shown, end=end)  # noqa: T201 - the result
    except UnicodeEncodeError:  # a path that is not UTF-8, for another program
        sys.stdout.flush()
        sys.stdout.buffer.write(os.fsencode(shown + end))


def print_json(value: object) -> None:
    """Print a value as indented JSON; what the encoding lacks, or a terminal would execute, is escaped."""
    print(json_text(value, sys.stdout.encoding))  # noqa: T201 - the result


def json_text(value: object, encoding: str | None) -> str:
    """Return a value as indented JSON, in which hidden and unencodable characters are escaped.

    Args:
        value: Anything JSON can hold.
        encoding: Of the stream that the text is for; None can encode everything.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(sign if _is_plain(sign, encoding) else json.dumps(sign)[1:-1] for sign in text)


def _is_plain(sign: str, encoding: str | None) -> bool:
    if sign == "\n" or " " <= sign <= "~":
        return True
    if visible(sign) != sign:
        return False
    try:
        sign.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
