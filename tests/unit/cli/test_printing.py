import sys

import pytest

from mien.cli.printing import print_result


@pytest.mark.parametrize(("is_terminal", "shown"), [(True, "a\\x1b[2J.onnx\n"), (False, "a\x1b[2J.onnx\n")])
def test_a_path_is_exact_in_a_pipe_and_harmless_on_a_terminal(
    is_terminal: bool, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)

    print_result("a\x1b[2J.onnx")

    assert capsys.readouterr().out == shown
