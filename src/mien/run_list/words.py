"""Values of runs as short texts, for tables and pages."""

import json
from datetime import datetime, timedelta
from typing import Final

from mien.run_list.summary import RunSummary
from mien.text import elided

_LONGEST: Final = 60


def accuracy_text(run: RunSummary) -> str:
    """Return "65.3 % (64.1 to 66.5)"; "" if there is none."""
    if run.accuracy is None:
        return ""
    if run.interval is None:
        return f"{100 * run.accuracy:.1f} %"
    low, high = run.interval
    return f"{100 * run.accuracy:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def changes_text(run: RunSummary) -> str:
    """Return "optimizer.lr=0.01 train.seed=1"."""
    return " ".join(f"{key}={short_value(value)}" for key, value in run.changes.items())


def epochs_text(run: RunSummary) -> str:
    """Return "12/30"."""
    return f"{run.epoch}/{'?' if run.epochs is None else run.epochs}"


def duration(seconds: float) -> str:
    """Return "0:00:12", or "3 days, 0:00:12"; "" for what is no duration."""
    try:
        return str(timedelta(seconds=round(max(0.0, seconds))))
    except OverflowError:
        return ""


def local_time(text: str) -> str:
    """Return an ISO 8601 time as local date and time; "" if it is none."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return ""


def short_value(value: object) -> str:
    """Return a value of a recipe as YAML and JSON write it, floats with six digits, shortened if it is long.

    "" for none.
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else elided(full_value(value), _LONGEST)


def full_value(value: object) -> str:
    """Return a value of a recipe as YAML and JSON write it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
