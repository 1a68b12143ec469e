"""What is written where, and what of it is there already."""

import pytest

from mien.cli.results import Output, Results
from mien.errors import MienError
from mien.recognition.face import Result


class Listing:
    """A writer that remembers what it was given, and how it was left."""

    def __init__(self):
        self.sources, self.left = [], "never"

    def __enter__(self):
        self.left = "open"
        return self

    def write(self, result):
        self.sources.append((result.source, result.frame))

    def __exit__(self, kind, error, trace):
        self.left = kind


def result(source, frame=None):
    return Result(source, 9, 9, (), frame)


def test_all_outputs_get_all_results_and_are_closed():
    writers = [Listing(), Listing()]
    with Results([Output(writer) for writer in writers]) as results:
        results.write(result("a"))
    assert [writer.sources for writer in writers] == [[("a", None)]] * 2
    assert [writer.left for writer in writers] == [None] * 2


def test_outputs_receive_an_error():
    writer = Listing()
    with pytest.raises(KeyboardInterrupt), Results([Output(writer)]):
        raise KeyboardInterrupt
    assert writer.left is KeyboardInterrupt


def test_an_output_that_cannot_be_opened_closes_the_others():
    class Refusing(Listing):
        def __enter__(self):
            raise MienError("can't write there")

    writer = Listing()
    with pytest.raises(MienError, match="can't write"), Results([Output(writer), Output(Refusing())]):
        pass
    assert writer.left is MienError


def test_written_results_are_not_written_again():
    full, empty, printed = Listing(), Listing(), Listing()
    done = {"a": None, "film": 5}
    outputs = [Output(full, done), Output(empty, {}), Output(printed)]
    with Results(outputs) as results:
        for one in [result("a"), result("b"), result("film", 5), result("film", 6), result("other", 0)]:
            results.write(one)
    everything = [("a", None), ("b", None), ("film", 5), ("film", 6), ("other", 0)]
    assert full.sources == [("b", None), ("film", 6), ("other", 0)]
    assert empty.sources == printed.sources == everything


@pytest.mark.parametrize(
    ("dones", "source", "video", "expected"),
    [
        ([None], "a", False, True),
        ([{}], "a", False, True),
        ([{"a": None}], "a", False, False),
        ([{"a": None}, None], "a", False, False),
        ([{"a": None}, {}], "a", False, True),
        ([{"film": 7}], "film", True, True),
        ([{"film": 7, "a": None}], "film", True, False),
        ([{"a": None, "film": 7}], "film", True, True),
    ],
)
def test_which_sources_are_needed(dones, source, video, expected):
    results = Results([Output(Listing(), done) for done in dones])
    assert results.need(source, video=video) is expected
