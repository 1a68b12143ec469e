"""Items: the message of a failure is one line, whatever the name of its file."""

from mien.recognition.sources.items import Failure


def test_the_message_of_a_failure_is_one_line_without_control_characters():
    assert Failure("a", "a\n\x1b[31m.png: damaged").message == "a \\x1b[31m.png: damaged"
