import pytest

from generate.python_names import problems


@pytest.mark.parametrize(
    "text",
    [
        "import mien\nmien.train('fast', data='a.csv', out='b')",
        "import mien.ray",
        "from mien import FaceSet",
        "from mien.labels import EMOTIONS",
        "import numpy as np\nnp.anything(x=1)",
    ],
)
def test_code_that_fits_the_package(text):
    assert list(problems(text)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("for", "line 1: invalid syntax"),
        ("import mien\nmien.recognise()", "no name mien.recognise"),
        ("import mien\nmien.train('fast', dataset='a.csv')", "mien.train has no argument dataset"),
        ("import mien.cloud", "no module mien.cloud"),
        ("from mien.labels import MOODS", "no name MOODS in mien.labels"),
    ],
)
def test_what_does_not_fit_is_named(text, problem):
    assert list(problems(text)) == [problem]
