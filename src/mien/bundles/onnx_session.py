"""Running a bundle with ONNX Runtime: the one place that opens a session, and what failure becomes.

Recognition, the check of an export, and a training with a teacher all come through here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from mien.errors import BundleError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_SILENT: Final = 4
"""Fatal errors only: all others are raised, and stderr belongs to mien."""

_STOP_SPINNING: Final = "session.force_spinning_stop"


CPU_PROVIDER: Final = "CPUExecutionProvider"


def open_session(
    content: bytes,
    threads: int,
    *,
    spinning: bool = True,
    provider: tuple[str, dict[str, Any]] = (CPU_PROVIDER, {}),
) -> "InferenceSession":
    """Return a session that runs an ONNX file, quietly.

    Args:
        content: The bytes of the file.
        threads: How many threads one call uses, 1 or more.
        spinning: Threads look out for the next call for a while instead of sleeping at once. That answers
            single faces sooner, and takes the cores from whoever computes between the calls.
        provider: Execution provider of ONNX Runtime and its options; the CPU runs what it can't.

    Raises:
        Exception: ONNX Runtime can't run the graph; its errors have no common base, see `blaming`.
    """
    import onnxruntime  # here, since whoever takes OpenVINO needs `blaming` alone

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    # Told a number, ONNX Runtime doesn't pin its threads to cores, which fails in some containers.
    options.intra_op_num_threads = threads
    options.log_severity_level = _SILENT
    if not spinning:
        options.add_session_config_entry(_STOP_SPINNING, "1")
    providers = [provider] if provider[0] == CPU_PROVIDER else [provider, CPU_PROVIDER]
    return onnxruntime.InferenceSession(content, options, providers=providers)


@contextmanager
def blaming(name: str) -> Iterator[None]:
    """Turn whatever a runtime raises into an error of the bundle `name`.

    Checking a graph can't foresee all that a runtime refuses, and the errors of ONNX Runtime
    have no common base.
    """
    try:
        yield
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise BundleError(f"bundle {name}: its graph can't be run ({reason})") from error


def usable_cores() -> int:
    """Return how many cores this process may use: under taskset, say, fewer than the machine has."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
