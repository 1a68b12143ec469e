"""OpenMP settings of torch: its threads spin for a short time while they wait for each other.

By default, threads that wait at the end of an operation occupy their cores for milliseconds. A short spin
makes inference beside a busy process 1.3 to 1.6 times as fast on two cores, and training alone up to a tenth
slower. Beside a busy process training is not faster with it (in one of three measurements it was): two
threads meet at each operation, and one of them has no core. OMP_NUM_THREADS=1 is three times as fast there.
Threads change the last bits of results, so their number is left to the user
(`benchmarks/training.py --openmp`, docs/lab-notebook.md).
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mien.optional import import_optional

DEFAULTS: Final = {"GOMP_SPINCOUNT": "1000"}
"""Environment variables of GNU OpenMP, which torch contains on Linux: iterations before a thread sleeps."""

CHOSEN_BY: Final = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
"""Environment variables by which a user chooses how threads wait."""

_LOG: Final = logging.getLogger("mien")


def import_torch() -> None:
    """Import torch with `DEFAULTS`; what the user sets in the environment takes precedence.

    OpenMP reads its settings once, when torch is imported. A torch that is already imported is left as
    it is. The environment is restored after the import.

    Raises:
        MissingExtraError: torch is not installed.
    """
    if "torch" in sys.modules:
        _LOG.debug("torch was imported before mien: its OpenMP settings are unchanged")
        return
    with _defaults():
        import_optional("torch", "train")


@contextmanager
def _defaults() -> Iterator[None]:
    added = {} if any(name in os.environ for name in CHOSEN_BY) else DEFAULTS
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
