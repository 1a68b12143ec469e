import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from mien.errors import MienError, MissingExtraError
from mien.labels import EMOTIONS
from mien.output.writers import WRITERS, format_of, open_writer
from result_builders import face, result, results

TEXTS = ("json", "jsonl", "csv")
KINDS = (*TEXTS, "parquet")
SOME = [
    result("a/1.jpg", face(), face("sad", 0.4)),
    result("none.jpg"),
    result("b.mp4", face(track=3), frame=7, time=0.28),
]
DONE = {"a/1.jpg": None, "none.jpg": None, "b.mp4": 7}


def read_done(kind, path):
    """The sources that a file holds, with the numbers of their last frames."""
    return {one.source: one.frame for one in WRITERS.get(kind).read_written(path)}


def write(kind, path, some, *, resume=False, classes=EMOTIONS, error=None):
    try:
        with open_writer(kind, path, classes, resume=resume) as writer:
            for one in some:
                writer.write(one)
            if error is not None:
                raise error
    except (KeyboardInterrupt, RuntimeError):
        pass
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_written_sources_are_read_back(tmp_path, kind):
    path = write(kind, tmp_path / "new" / "out", SOME)
    assert list(read_done(kind, path).items()) == list(DONE.items())
    assert [file.name for file in path.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_results_is_valid(tmp_path, kind):
    path = write(kind, tmp_path / "out", [])
    assert path.exists()
    assert read_done(kind, path) == {}
    write(kind, path, SOME, resume=True)
    assert read_done(kind, path) == DONE


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_or_empty_file_holds_no_sources(tmp_path, kind):
    assert read_done(kind, tmp_path / "out") == {}
    (tmp_path / "out").touch()
    assert read_done(kind, tmp_path / "out") == {}


@settings(max_examples=20)
@given(results())
@pytest.mark.parametrize("kind", KINDS)
def test_any_source_names_are_read_back(tmp_path, kind, some):
    path = write(kind, tmp_path / "out", some)
    assert list(read_done(kind, path)) == [one.source for one in some]


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_run_writes_the_same_file_as_one_run(tmp_path, kind):
    whole = write(kind, tmp_path / "whole", SOME)
    part = write(kind, tmp_path / "part", SOME[:1])
    write(kind, part, SOME[1:], resume=True)
    if kind == "parquet":
        assert read_done(kind, part) == read_done(kind, whole)
    else:
        assert part.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_resuming_without_new_results_changes_nothing(tmp_path, kind):
    path = write(kind, tmp_path / "out", SOME)
    before = path.read_bytes() if kind != "parquet" else None
    write(kind, path, [], resume=True)
    assert read_done(kind, path) == DONE
    assert before in (None, path.read_bytes())


@pytest.mark.parametrize("kind", TEXTS)
def test_a_file_cut_off_anywhere_is_resumed_after_the_last_complete_result(tmp_path, kind):
    content = write(kind, tmp_path / "whole", SOME).read_bytes()
    path = tmp_path / "part"
    for length in {*range(0, len(content), 17), *range(len(content) - 20, len(content))}:
        path.write_bytes(content[:length])
        done = read_done(kind, path)
        write(kind, path, [one for one in SOME if one.source not in done], resume=True)
        assert path.read_bytes() == content, length


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError()])
def test_results_before_an_error_are_kept(tmp_path, kind, error):
    path = write(kind, tmp_path / "out", SOME[:2], error=error)
    assert list(read_done(kind, path)) == ["a/1.jpg", "none.jpg"]


@pytest.mark.parametrize("kind", TEXTS)
def test_a_file_is_valid_after_each_result(tmp_path, kind):
    with open_writer(kind, tmp_path / "out", EMOTIONS) as writer:
        for number, one in enumerate(SOME, start=1):
            writer.write(one)
            assert len(read_done(kind, tmp_path / "out")) == number
            if kind == "json":
                assert len(json.loads((tmp_path / "out").read_bytes())) == number


@pytest.mark.parametrize("kind", KINDS)
def test_a_completed_run_replaces_the_previous_results(tmp_path, kind):
    path = write(kind, tmp_path / "out", SOME)
    write(kind, path, [result("new.jpg")])
    assert read_done(kind, path) == {"new.jpg": None}
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_run_keeps_the_previous_results_beside_its_own(tmp_path, kind):
    path = write(kind, tmp_path / "out", SOME)
    write(kind, path, [result("new.jpg")], error=KeyboardInterrupt())
    assert read_done(kind, path) == {"new.jpg": None}
    assert read_done(kind, tmp_path / "out.before") == DONE
    write(kind, path, [result("newer.jpg")], error=KeyboardInterrupt())
    assert read_done(kind, tmp_path / "out.before") == DONE
    write(kind, path, [result("newest.jpg")], resume=True)
    assert read_done(kind, path) == {"newer.jpg": None, "newest.jpg": None}
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_fails_before_its_first_result_changes_nothing(tmp_path, kind):
    write(kind, tmp_path / "other", [], error=RuntimeError())
    assert list(tmp_path.iterdir()) == []
    path = write(kind, tmp_path / "out", SOME)
    write(kind, path, [], error=RuntimeError())
    write(kind, path, [], error=RuntimeError(), resume=True)
    assert read_done(kind, path) == DONE
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [
        b"hello\n",
        b"hello",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"[1, 2]\n",
        b"[\n1\n]\n",
        b'{"a": 1}\n',
        b"source,label\na,b\n",
        b"\n\n",
    ],
)
def test_a_foreign_file_is_refused_and_untouched(tmp_path, kind, content):
    path = tmp_path / "out"
    path.write_bytes(content)
    for attempt in (lambda: read_done(kind, path), lambda: open_writer(kind, path, EMOTIONS, resume=True)):
        with pytest.raises(
            MienError, match=r"out.*: not .* as mien writes it.*, so it can't be resumed; choose another file"
        ):
            attempt()
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_a_file_of_another_format_is_refused(tmp_path, kind, other):
    if kind != other:
        path = write(other, tmp_path / "out", SOME)
        with pytest.raises(MienError, match="as mien writes it"):
            open_writer(kind, path, EMOTIONS, resume=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", [("happy", "sad"), EMOTIONS[::-1]])
def test_a_file_with_other_classes_is_refused(tmp_path, kind, classes):
    path = write(kind, tmp_path / "out", SOME)
    with pytest.raises(MienError, match=r"has the classes angry, .*choose another file"):
        open_writer(kind, path, classes, resume=True)


@pytest.mark.parametrize("kind", KINDS)
def test_classes_may_have_any_names(tmp_path, kind):
    classes = ("=1+1", "label", 'émotion, "x"\n', "face")
    some = [result("a.jpg", face("label", classes=classes)), result("b.jpg")]
    path = write(kind, tmp_path / "out", some, classes=classes)
    write(kind, path, [result("c.jpg", face("face", classes=classes))], classes=classes, resume=True)
    assert list(read_done(kind, path)) == ["a.jpg", "b.jpg", "c.jpg"]


@pytest.mark.parametrize("kind", KINDS)
def test_standard_output_cannot_be_resumed(kind):
    with pytest.raises(MienError, match="standard output"):
        open_writer(kind, None, EMOTIONS, resume=True)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unwritable_path_is_reported_before_any_work(tmp_path, kind):
    (tmp_path / "file").touch()
    for place in (tmp_path, tmp_path / "file" / "out"):
        with pytest.raises(MienError, match=r"can't write"), open_writer(kind, place, EMOTIONS):
            pytest.fail("it was opened")


@pytest.mark.parametrize("kind", TEXTS)
def test_a_full_disk_is_reported(kind):
    with (
        pytest.raises(MienError, match=r"/dev/full.*No space left"),
        open_writer(kind, Path("/dev/full"), EMOTIONS) as writer,
    ):
        writer.write(SOME[0])


@pytest.mark.parametrize("kind", TEXTS)
def test_a_symbolic_link_is_kept(tmp_path, kind):
    path = write(kind, tmp_path / "out", SOME)
    (tmp_path / "link").symlink_to(path)
    write(kind, tmp_path / "link", [result("new.jpg")])
    assert (tmp_path / "link").is_symlink()
    assert read_done(kind, path) == {"new.jpg": None}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_pipe_receives_the_same_bytes_as_a_file(tmp_path, kind):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write(kind, tmp_path / "pipe", SOME)
    reader.join()
    assert got == [write(kind, tmp_path / "out", SOME).read_bytes()]


@pytest.mark.parametrize("kind", KINDS)
def test_standard_output_receives_the_same_bytes_as_a_file(tmp_path, kind, capfdbinary, monkeypatch):
    with open(1, "w", closefd=False) as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        write(kind, None, SOME)
    out = capfdbinary.readouterr().out
    if kind == "parquet":
        (tmp_path / "out").write_bytes(out)
        assert read_done(kind, tmp_path / "out") == DONE
    else:
        assert out == write(kind, tmp_path / "out", SOME).read_bytes()


def test_a_killed_run_leaves_complete_lines(tmp_path):
    path = tmp_path / "out.jsonl"
    code = (
        "import sys, itertools; sys.path.insert(0, 'tests')\n"
        "from mien.output.writers import open_writer\n"
        "from result_builders import face, result\n"
        "from pathlib import Path\n"
        f"with open_writer('jsonl', Path({str(path)!r}), face().classes) as writer:\n"
        "    for n in itertools.count(): writer.write(result(f'{n}.jpg', face()))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[4]) as process:
        while not path.exists() or path.stat().st_size < 100_000:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    lines = path.read_bytes().splitlines(keepends=True)
    assert all(
        json.loads(line)["source"] == f"{n}.jpg" for n, line in enumerate(lines) if line.endswith(b"\n")
    )
    assert list(read_done("jsonl", path))[:3] == ["0.jpg", "1.jpg", "2.jpg"]


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"mien\[parquet\]"):
        open_writer("parquet", tmp_path / "out", EMOTIONS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_writer_lists_what_its_file_holds(tmp_path, kind):
    path = write(kind, tmp_path / "out", SOME)
    writer = open_writer(kind, path, EMOTIONS, resume=True)
    assert list(writer.written.items()) == list(DONE.items())
    assert writer.start > 0
    assert open_writer(kind, path, EMOTIONS).written == {}


def test_a_table_cannot_be_resumed(tmp_path):
    path = write("table", tmp_path / "out.txt", SOME)
    with pytest.raises(MienError, match=r"out\.txt: table can't be resumed; write to a new file"):
        open_writer("table", path, EMOTIONS, resume=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.json", "json"),
        ("a.JSONL", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.b.csv", "csv"),
        ("a.parquet", "parquet"),
        ("a.pq", "parquet"),
    ],
)
def test_the_ending_of_a_file_selects_its_format(name, expected):
    assert format_of(Path(name)) == expected


@pytest.mark.parametrize(("name", "ending"), [("out.xls", r"'\.xls'"), ("out", "''"), (".csv", "''")])
def test_an_unknown_ending_is_refused_with_the_known_ones(name, ending):
    with pytest.raises(
        MienError, match=rf"{name}: no output format has the ending {ending}; expected one of \.json, \.jsonl"
    ):
        format_of(Path(name))


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(MienError, match=r"no output format 'jsnl' \(did you mean 'jsonl'\?\)"):
        open_writer("jsnl", tmp_path / "out", EMOTIONS)


PLUGIN = """
from mien.output.writers import TextWriter

class LabelWriter(TextWriter):
    endings = (".labels",)

    def encode(self, result, *, first):
        return "".join(f"{result.source} {face.label}\\n" for face in result.faces).encode()
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Install a package that adds the format "labels"."""
    folder = tmp_path / "site"
    (folder / "label_format-1.0.dist-info").mkdir(parents=True)
    (folder / "label_format.py").write_text(PLUGIN)
    (folder / "label_format-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: label_format\nVersion: 1.0\n"
    )
    (folder / "label_format-1.0.dist-info" / "entry_points.txt").write_text(
        "[mien.writers]\nlabels = label_format:LabelWriter\n"
        "broken = no_such_module:Writer\nwrong = json:dumps\n"
    )
    monkeypatch.syspath_prepend(folder)
    yield
    sys.modules.pop("label_format", None)


@pytest.mark.usefixtures("plugin")
def test_an_installed_package_adds_a_format(tmp_path):
    path = tmp_path / "out.labels"
    assert format_of(path) == "labels"
    write("labels", path, SOME)
    assert path.read_text() == "a/1.jpg happy\na/1.jpg sad\nb.mp4 happy\n"
    with pytest.raises(MienError, match=r"out\.labels: this format can't be resumed"):
        open_writer("labels", path, EMOTIONS, resume=True)


@pytest.mark.usefixtures("plugin")
def test_a_broken_plugin_is_reported_and_does_not_affect_other_formats(tmp_path):
    assert format_of(Path("out.pq")) == "parquet"
    with pytest.raises(MienError, match=r"output format 'broken' of the package label_format 1\.0 can't be"):
        open_writer("broken", tmp_path / "out", EMOTIONS)
    with pytest.raises(MienError, match=r"output format 'wrong': expected a subclass of .*FormatWriter"):
        open_writer("wrong", tmp_path / "out", EMOTIONS)
    with pytest.raises(MienError, match=r"expected one of .*\.pq, \.labels$"):
        format_of(Path("out.xls"))


def test_errors_carry_the_path_and_the_line(tmp_path):
    (tmp_path / "out").write_text("hello\n")
    with pytest.raises(MienError) as refused:
        open_writer("csv", tmp_path / "out", EMOTIONS, resume=True)
    assert (refused.value.path, refused.value.row) == (tmp_path / "out", 1)
