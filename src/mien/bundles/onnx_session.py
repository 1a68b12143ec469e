"""The one place that opens an ONNX Runtime session, and turns its failures into errors of a bundle.

Recognition, the verification of an export, evaluation and distillation use it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from mien.errors import BundleError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_SILENT: Final = 4
"""Log fatal errors only: all others are raised, and stderr belongs to mien."""

_STOP_SPINNING: Final = "session.force_spinning_stop"


CPU_PROVIDER: Final = "CPUExecutionProvider"


def open_session(
    content: bytes,
    threads: int,
    *,
    spinning: bool = True,
    provider: tuple[str, dict[str, Any]] = (CPU_PROVIDER, {}),
) -> "InferenceSession":
    """Return a session that runs an ONNX file without logging.

    Args:
        content: The bytes of the file.
        threads: Number of threads of one call, 1 or more.
        spinning: Threads spin for a while after a call instead of sleeping at once. This lowers the latency
            of single faces, and occupies cores between calls.
        provider: Execution provider of ONNX Runtime and its options; the CPU runs what it can't.

    Raises:
        Exception: ONNX Runtime can't run the graph; its errors have no common base class, see `blaming`.
    """
    import onnxruntime  # here, since the OpenVINO engine needs `blaming` only

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    # With an explicit number, ONNX Runtime doesn't pin threads to cores, which fails in some containers.
    options.intra_op_num_threads = threads
    options.log_severity_level = _SILENT
    if not spinning:
        options.add_session_config_entry(_STOP_SPINNING, "1")
    providers = [provider] if provider[0] == CPU_PROVIDER else [provider, CPU_PROVIDER]
    return onnxruntime.InferenceSession(content, options, providers=providers)


@contextmanager
def blaming(name: str) -> Iterator[None]:
    """Turn any exception of a runtime into an error of the bundle `name`.

    Validation can't foresee everything that a runtime refuses, and the errors of ONNX Runtime
    have no common base class.
    """
    try:
        yield
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise BundleError(f"bundle {name}: its graph can't be run ({reason})") from error


def usable_cores() -> int:
    """Return the number of cores this process may use; under taskset that is fewer than the machine has."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
