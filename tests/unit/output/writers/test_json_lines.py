import json
import math

import pytest
from hypothesis import given, settings

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.labels import EMOTIONS
from mien.output.writers.json_array import JsonWriter
from mien.output.writers.json_lines import JsonLinesWriter
from mien.recognition.face import face_of
from result_builders import face, result, results


@settings(max_examples=30)
@given(results())
@pytest.mark.parametrize("writer", [JsonLinesWriter, JsonWriter])
def test_any_json_parser_reads_the_same_values(tmp_path, writer, some):
    path = tmp_path / "out"
    with writer(path, EMOTIONS) as opened:
        for one in some:
            opened.write(one)
    content = path.read_bytes()
    read = (
        json.loads(content)
        if writer is JsonWriter
        else [json.loads(line) for line in content.split(b"\n")[:-1]]
    )
    assert read == [one.to_dict() for one in some]
    content.decode()  # whatever the names


def test_names_are_not_escaped(tmp_path):
    with JsonLinesWriter(tmp_path / "out", EMOTIONS) as writer:
        writer.write(result("grün 中.jpg", face()))
    assert '"grün 中.jpg"' in (tmp_path / "out").read_text(encoding="utf-8")


def test_nan_is_refused(tmp_path):
    broken = face_of(Detection(Box(math.nan, 0, 1, 1), 1), ("a",), [1.0], 0)  # the constructor refuses it
    with pytest.raises(ValueError, match="JSON"), JsonLinesWriter(tmp_path / "out", EMOTIONS) as writer:
        writer.write(result("a.jpg", broken))
