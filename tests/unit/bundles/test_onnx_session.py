import subprocess
import sys

import numpy as np
import pytest

from bundle_builders import gray_of, in_memory
from mien.bundles.metadata import INPUT, LOGITS
from mien.bundles.onnx_session import blaming, open_session
from mien.errors import BundleError
from mien.labels import EMOTIONS


@pytest.mark.parametrize("spinning", [True, False], ids=["spinning", "resting"])
def test_a_session_runs_a_bundle_with_the_given_threads(spinning: bool) -> None:
    session = open_session(in_memory().content, 2, spinning=spinning)
    face = np.full((1, 48, 48), gray_of("happy"), np.uint8)
    (logits,) = session.run([LOGITS], {INPUT: face})
    assert EMOTIONS[logits.argmax()] == "happy"
    assert session.get_session_options().intra_op_num_threads == 2
    assert session.get_providers() == ["CPUExecutionProvider"]


def test_what_a_runtime_refuses_is_an_error_of_the_bundle(capfd: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(BundleError, match=r"^bundle broken: its graph can't be run \(") as caught,
        blaming("broken"),
    ):
        open_session(b"\x08no graph", 1)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == "", "stderr belongs to mien"


def test_other_engines_do_not_wait_for_onnx_runtime() -> None:
    code = "import sys, mien.bundles.onnx_session; sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
