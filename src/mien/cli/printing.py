"""Results of commands on standard output."""

import json
import os
import sys
from typing import Any

from mien.text import utf8, visible


def print_result(text: object) -> None:
    """Print a result, such as a path: as it is, or on a terminal with visible control characters."""
    shown = visible(str(text), keep="\n\t") if sys.stdout.isatty() else str(text)
    try:
        print(shown)  # noqa: T201 - the result
    except UnicodeEncodeError:  # a path that is not UTF-8, for another program
        sys.stdout.flush()
        sys.stdout.buffer.write(os.fsencode(shown + "\n"))


def print_json(value: Any) -> None:  # noqa: ANN401 - anything JSON can hold
    """Print a value as indented JSON."""
    print(utf8(json.dumps(value, indent=2, ensure_ascii=False)).decode())  # noqa: T201 - the result
