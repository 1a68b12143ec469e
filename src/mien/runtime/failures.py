"""Failures of the runtimes as errors of mien."""

from collections.abc import Iterator
from contextlib import contextmanager

from mien.errors import MienError


@contextmanager
def failures_as(error: type[MienError], subject: str) -> Iterator[None]:
    """Raise any exception of a runtime as one line about `subject`; errors of mien pass through.

    Validation can't foresee everything that a runtime refuses, and the errors of ONNX Runtime have no
    common base class.

    Args:
        error: The class to raise.
        subject: What the graph is, such as "bundle fast".
    """
    try:
        yield
    except MienError:
        raise
    except Exception as cause:
        reason = str(cause).partition("\n")[0]
        raise error(f"{subject}: its graph can't be run ({reason})") from cause
