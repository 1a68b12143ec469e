"""A damaged or edited file is resumed after its complete results, or refused in one line, unchanged."""

import os
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.output.writers import base, open_writer
from mien.output.writers.json_lines import FACE_KEYS, RESULT_KEYS
from result_builders import face, result

SOME = [
    result("a.jpg", face("sad"), face(track=2)),
    result('b, "c".jpg'),
    result("d.mp4", face(), frame=3, time=0.5),
]
KINDS = ["csv", "json", "jsonl", "parquet"]


def written(kind, path):
    with open_writer(kind, path, EMOTIONS) as writer:
        for one in SOME:
            writer.write(one)
    return path


def resume(kind, path):
    return open_writer(kind, path, EMOTIONS, resume=True)


def test_the_keys_are_those_of_results():
    assert tuple(SOME[0].to_dict()) == RESULT_KEYS
    assert tuple(SOME[0].faces[0].to_dict()) == FACE_KEYS


NESTED = b"[" * 100_000
LONG = b"9" * 5000
JSON_EDITS = [
    (b'"width": 64', b'"width": ' + NESTED),
    (b'"width": 64', b'"width": ' + LONG),
    (b'"width": 64', b'"width": NaN'),
    (b'"width": 64, ', b""),
    (b'"width": 64', b'"width": 64, "more": 1'),
    (b'"source": "a.jpg"', b'"source": 3'),
    (b'"source": "a.jpg"', b'"source": null'),
    (b'"frame": null', b'"frame": true'),
    (b'"frame": null', b'"frame": -1'),
    (b'"frame": null', b'"frame": 1.5'),
    (b'"frame": null', b'"frame": 99999999999999999999'),
    (b'"faces": [', b'"faces": [3, '),
    (b'"faces": [', b'"faces": [[], '),
    (b'"label": "sad"', b'"label": "bored"'),
    (b'"label": "sad"', b'"label": ["sad"]'),
    (b'"confidence": ', b'"confidence": "x", "confidence2": '),
    (b'"probabilities": {', b'"probabilities": {"more": 1, '),
    (b'"probabilities": {', b'"probabilities": [], "p": {'),
    (b'"angry": ', b'"angry": true, "a": '),
    (b'"faces"', b'"fa\xffces"'),
    (b"}]}", b"}]"),
    (b'{"source"', b'\n{"source"'),
]


@pytest.mark.parametrize("kind", ["json", "jsonl"])
@pytest.mark.parametrize(("old", "new"), JSON_EDITS)
def test_edited_json_is_refused_in_one_line(tmp_path, kind, old, new):
    path = written(kind, tmp_path / "out")
    content = path.read_bytes()
    old = old.replace(b"64", str(SOME[0].width).encode())
    assert old in content
    path.write_bytes(changed := content.replace(old, new, 1))
    with pytest.raises(
        MienError, match=r"out.* so it can't be resumed; choose another file|has the classes"
    ) as caught:
        resume(kind, path)
    assert len(str(caught.value)) < 500
    assert path.read_bytes() == changed


def test_a_missing_comma_between_objects_is_refused(tmp_path):
    path = written("json", tmp_path / "out")
    path.write_bytes(path.read_bytes().replace(b"},\n", b"}\n", 1))
    with pytest.raises(MienError, match=r"line 3: not JSON as mien writes it"):
        resume("json", path)


@pytest.mark.parametrize(
    "edit",
    [
        lambda lines: lines[0].replace(b"width", b"breadth"),
        lambda lines: lines[0] + b"\n",
        lambda lines: lines[0].replace(b",angry", b""),
    ],
)
def test_other_columns_are_refused(tmp_path, edit):
    path = written("csv", tmp_path / "out")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([edit(lines), *lines[1:]]))
    with pytest.raises(MienError, match=r"so it can't be resumed|has the classes"):
        resume("csv", path)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("frame", b"9" * 5000),
        ("frame", "٣".encode()),
        ("frame", b"1.5"),
        ("width", b"wide"),
        ("confidence", b"nan"),
        ("score", b"1e5000"),
        ("source", b"\xff\xfe"),
        ("source", b'"closed" twice'),
        ("source", b"x" * 200_000),
        ("track", b"1,2"),
    ],
)
def test_an_edited_row_is_refused_with_its_line(tmp_path, column, cell):
    path = written("csv", tmp_path / "out")
    lines = path.read_bytes().splitlines(keepends=True)
    position = lines[0].split(b",").index(column.encode())
    cells = lines[1].split(b",")
    lines[1] = b",".join([*cells[:position], cell, *cells[position + 1 :]])
    path.write_bytes(b"".join(lines))
    with pytest.raises(MienError, match="out, line 2: not CSV as mien writes it"):
        resume("csv", path)


def test_rows_after_an_open_quote_are_not_cut_off(tmp_path):
    path = written("csv", tmp_path / "out")
    path.write_bytes(path.read_bytes().replace(b"a.jpg", b'"a.jpg', 1))
    with pytest.raises(MienError, match="out, line 2: not CSV as mien writes it"):
        resume("csv", path)


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_a_line_without_an_end_is_refused(tmp_path, kind, monkeypatch):
    path = written(kind, tmp_path / "out")
    monkeypatch.setattr(base, "MAX_RECORD_BYTES", 100)
    with pytest.raises(MienError, match="so it can't be resumed"):
        resume(kind, path)


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_a_truncated_line_in_the_middle_is_refused(tmp_path, kind):
    path = written(kind, tmp_path / "out")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1][: len(lines[1]) // 2] + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(MienError, match=r"line [23]: not .* as mien writes it"):
        resume(kind, path)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.set_column(0, "source", pa.array([None] * len(table), "string")),
        lambda table: table.set_column(3, "frame", pa.array([-1] * len(table), "int64")),
        lambda table: table.set_column(3, "frame", pa.array(["x"] * len(table))),
        lambda table: table.drop_columns(["width"]),
        lambda table: table.append_column("more", pa.array([1.0] * len(table), "float32")),
        lambda table: table.rename_columns(["source"] * len(table.column_names)),
        lambda table: pa.table({}),
    ],
)
def test_other_tables_are_refused(tmp_path, change):
    path = written("parquet", tmp_path / "out")
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(MienError, match=r"so it can't be resumed|has the classes"):
        resume("parquet", path)


@pytest.mark.parametrize("kind", KINDS)
def test_mutations_never_raise_anything_else(tmp_path, kind):
    path = written(kind, tmp_path / "out")
    content, draw, refused = path.read_bytes(), random.Random(0), 0
    for _ in range(60):
        changed = bytearray(content)
        for _ in range(draw.choice((1, 1, 4))):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        path.write_bytes(changed[: draw.choice((len(changed), draw.randrange(len(changed))))])
        try:
            with resume(kind, path) as writer:
                writer.write(result("new.jpg"))
        except MienError:
            refused += 1
    assert refused


def test_a_flipped_bit_in_a_page_is_noticed(tmp_path):
    path = written("parquet", tmp_path / "out")
    content = bytearray(path.read_bytes())
    content[content.index(b"a.jpg")] ^= 1
    path.write_bytes(content)
    with pytest.raises(MienError, match="not Parquet as mien writes it"):
        resume("parquet", path)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path, kind):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for name, problem in (("fifo", "not a regular file, so it can't be resumed"), ("folder", "a folder")):
        with pytest.raises(MienError, match=f"{name}: .*{problem}"):
            resume(kind, tmp_path / name)
