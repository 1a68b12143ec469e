from pathlib import Path

import pytest

from export_builders import idle_component
from mien.exporting.destination import choose_name
from mien.exporting.options import ExportOptions


@pytest.mark.parametrize(
    ("file", "name"),
    [("small.onnx", "small"), ("b\udcff.onnx", r"b\udcff"), ("two\nlines.onnx", r"two\nlines"), (" é", " é")],
)
def test_a_bundle_has_the_visible_name_of_its_file(file, name):
    assert choose_name([idle_component()], Path("folder", file), ExportOptions()) == name
