import json
import sys

import pytest

from mien.cli.printing import json_text, print_result


@pytest.mark.parametrize(("is_terminal", "shown"), [(True, "a\\x1b[2J.onnx\n"), (False, "a\x1b[2J.onnx\n")])
def test_a_path_is_exact_in_a_pipe_and_harmless_on_a_terminal(
    is_terminal: bool, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)

    print_result("a\x1b[2J.onnx")

    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(("encoding", "word"), [("utf-8", "é"), ("ascii", "\\u00e9"), (None, "é")])
def test_json_has_no_control_characters_and_is_encodable(encoding: str | None, word: str) -> None:
    value = {"a": "é\x9b\u202e\udcff\x1b[2J\n😀"}
    text = json_text(value, encoding)
    text.encode(encoding or "utf-8")
    assert json.loads(text) == value
    assert word in text
    assert "\\u009b\\u202e\\udcff\\u001b[2J\\n" in text
