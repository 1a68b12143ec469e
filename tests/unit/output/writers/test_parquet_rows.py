"""Parquet whose rows survive a killed process."""

import pytest
from hypothesis import given, settings

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from mien.output.writers.parquet_rows import rows_path
from result_builders import face, result, results

SOME = [
    result('a "b",\n.jpg', face("sad", 0.4), face("happy", 0.123456)),
    result("\udcff.jpg"),
    result("film.mp4", face(track=3), frame=5, time=0.25),
]


def write(path, some, *, kept=True, resume=False):
    with open_writer("parquet", path, EMOTIONS, kept=kept, resume=resume) as writer:
        for one in some:
            writer.write(one)


def interrupted(path, some):
    """Write results until an interruption."""
    writer = open_writer("parquet", path, EMOTIONS, kept=True)
    writer.__enter__()
    for one in some:
        writer.write(one)
    writer.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)


def test_the_file_is_that_of_the_plain_writer(tmp_path):
    write(tmp_path / "kept.parquet", SOME)
    write(tmp_path / "plain.parquet", SOME, kept=False)
    assert (tmp_path / "kept.parquet").read_bytes() == (tmp_path / "plain.parquet").read_bytes()
    assert not rows_path(tmp_path / "kept.parquet").exists()


@settings(max_examples=6)
@given(some=results())
def test_any_results_are_kept_exactly(some, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    write(folder / "kept.parquet", some)
    write(folder / "plain.parquet", some, kept=False)
    assert (folder / "kept.parquet").read_bytes() == (folder / "plain.parquet").read_bytes()


@pytest.mark.parametrize("cut", [0, 7])
def test_a_killed_process_loses_at_most_its_last_results(tmp_path, cut):
    path, plain = tmp_path / "kept.parquet", tmp_path / "plain.parquet"
    interrupted(path, SOME[:2])
    assert not path.exists()
    rows = rows_path(path)
    rows.write_bytes(rows.read_bytes()[: -cut or None])
    again = open_writer("parquet", path, EMOTIONS, kept=True, resume=True)
    assert list(again.written) == [one.source for one in SOME[: 0 if cut else 2]]
    write(path, SOME[0 if cut else 2 :], resume=True)
    write(plain, SOME, kept=False)
    assert path.read_bytes() == plain.read_bytes()


def test_an_interruption_keeps_the_rows(tmp_path):
    path = tmp_path / "kept.parquet"
    interrupted(path, SOME[:1])
    assert not path.exists()
    assert rows_path(path).exists()


def test_a_complete_file_is_continued(tmp_path):
    path, plain = tmp_path / "kept.parquet", tmp_path / "plain.parquet"
    write(path, SOME[:2])
    write(path, SOME[2:], resume=True)
    write(plain, SOME, kept=False)
    assert path.read_bytes() == plain.read_bytes()


def test_standard_output_keeps_no_rows():
    with pytest.raises(MienError, match="write to a file"):
        open_writer("parquet", None, EMOTIONS, kept=True)


def test_targets_are_checked_as_by_the_plain_writer(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(MienError, match="can't write there"):
        open_writer("parquet", tmp_path / "file" / "out.parquet", EMOTIONS, kept=True)
