"""CSV editions: what each looks like, and every way in which a row can be wrong."""

import io
from pathlib import Path

import numpy as np
import pytest

from builders import faces, fer_csv, folder_of, pixel_text, png, rows_of
from mien.data import read_faces, read_source
from mien.data.readers.csv_rows import BATCH, Dialect, read_csv
from mien.data.readers.fer2013_csv import COMPETITION_TEST, COMPETITION_TRAIN, FER2013, ICML
from mien.data.reading import Faults
from mien.errors import DataError
from mien.labels import EMOTIONS

SOME = faces(12)
PIXELS = [pixel_text(image) for image in SOME.images]
ROWS = [f"{label},{pixels},{usage}" for (label, _, usage), pixels in zip(rows_of(SOME), PIXELS, strict=True)]
HEADER = "emotion,pixels,Usage"
GOOD = f"0,{PIXELS[0]},Training"


def csv_file(folder: Path, *lines: str, end: str = "\n", bom: str = "") -> Path:
    path = folder / "some.csv"
    path.write_bytes((bom + end.join(lines) + end).encode())
    return path


CELLS = [tuple(row.split(",")) for row in ROWS]
QUOTED = [",".join(f'"{cell}"' for cell in cells) for cells in CELLS]
EDITIONS = {
    "fer2013": [HEADER, *ROWS],
    "icml": ["emotion, Usage, pixels", *(f"{label},{usage},{text}" for label, text, usage in CELLS)],
    "quoted": ['"emotion","pixels","Usage"', *QUOTED],
    "many spaces": [HEADER, *(row.replace(" ", "   ") for row in ROWS)],
    "spaces around": [HEADER, *(row.replace(",", " , ") for row in ROWS)],
    "blank lines at the end": [HEADER, *ROWS, "", "  ", ""],
}  # fmt: skip


@pytest.mark.parametrize("lines", EDITIONS.values(), ids=EDITIONS.keys())
@pytest.mark.parametrize(("end", "bom"), [("\n", ""), ("\r\n", "\ufeff")], ids=["lf", "crlf-bom"])
def test_every_edition_has_the_same_faces(tmp_path: Path, lines: list[str], end: str, bom: str) -> None:
    read = read_faces(csv_file(tmp_path, *lines, end=end, bom=bom), cache=False)
    assert read.fingerprint == SOME.fingerprint
    assert read.ids.tolist() == [str(number) for number in range(1, 13)]


def test_rows_without_a_last_line_end(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEADER, *ROWS]))
    assert read_faces(path, cache=False).fingerprint == SOME.fingerprint


def test_competition_train_is_all_training(tmp_path: Path) -> None:
    read = read_faces(
        csv_file(tmp_path, "emotion,pixels", *(row.rpartition(",")[0] for row in ROWS)), cache=False
    )
    assert read.split_names() == ("train",)
    assert (read.images == SOME.images).all()
    assert (read.labels == SOME.labels).all()


def test_competition_test_has_no_labels(tmp_path: Path) -> None:
    read = read_faces(csv_file(tmp_path, "pixels", *PIXELS), cache=False)
    assert read.split_names() == ("test",)
    assert (read.labels == -1).all()
    assert (read.images == SOME.images).all()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"emotion,pixels,Usage\n0,1", FER2013),
        (b"emotion, Usage, pixels\r\n", ICML),
        (b"emotion,pixels\n", COMPETITION_TRAIN),
        (b"pixels\n", COMPETITION_TEST),
        (b"\xef\xbb\xbfEmotion,Pixels,USAGE", FER2013),
        (b"emotion,pixels,Usage,more\n", None),
        (b"id,emotion\n", None),
        (b"", None),
    ],
)
def test_editions_are_recognized_by_their_header(head: bytes, expected: Dialect | None) -> None:
    known = (FER2013, ICML, COMPETITION_TRAIN, COMPETITION_TEST)
    assert [dialect for dialect in known if dialect.matches(head)] == ([expected] if expected else [])


BAD_ROWS = [
    (f"0,{PIXELS[0]} 1,Training", "2,305 pixels, expected 2,304"),
    (f"0,{PIXELS[0].rpartition(' ')[0]},Training", "2,303 pixels, expected 2,304"),
    ("0,,Training", "0 pixels, expected 2,304"),
    ("0,7,Training", "1 pixel, expected 2,304"),
    (f"0,256{' 0' * 2303},Training", "pixel 1 is '256', expected 0 to 255"),
    (f"0,-1{' 0' * 2303},Training", "pixel 1 is '-1', expected a whole number"),
    (f"0,0 x{' 0' * 2302},Training", "pixel 2 is 'x', expected a whole number"),
    (f"0,1.5{' 0' * 2303},Training", "pixel 1 is '1.5', expected a whole number"),
    (f"7,{PIXELS[0]},Training", "emotion is '7', expected 0 to 6"),
    (f"-1,{PIXELS[0]},Training", "emotion is '-1', expected 0 to 6"),
    (f"hapy,{PIXELS[0]},Training", "emotion is 'hapy', expected 0 to 6, or one of angry"),
    (f"1.5,{PIXELS[0]},Training", "emotion is '1.5', expected 0 to 6"),
    (f"7.0,{PIXELS[0]},Training", "emotion is '7.0', expected 0 to 6"),
    (f",{PIXELS[0]},Training", "emotion is '', expected 0 to 6"),
    (f"0,{PIXELS[0]},Vali", "Usage is 'Vali', expected Training, PublicTest, PrivateTest"),
    (f"0,{PIXELS[0]},", "Usage is '', expected Training"),
    (f"0,{PIXELS[0]}", "2 columns, expected 3"),
    (f"0,{PIXELS[0]},Training,", "4 columns, expected 3"),
    (f'0,"{PIXELS[0]},Training', "its quotation marks don't pair up"),
    ("0", "1 column, expected 3"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "problem"), BAD_ROWS, ids=[problem for _, problem in BAD_ROWS])
def test_a_bad_row_is_an_error_that_names_it(tmp_path: Path, row: str, problem: str) -> None:
    path = csv_file(tmp_path, HEADER, *ROWS[:3], row, *ROWS[3:])
    with pytest.raises(DataError) as raised:
        read_faces(path, cache=False)
    assert str(raised.value).startswith(f"{path}: row 4 (line 5): {problem}")


@pytest.mark.parametrize(("row", "problem"), BAD_ROWS, ids=[problem for _, problem in BAD_ROWS])
def test_a_bad_row_can_be_left_out(tmp_path: Path, row: str, problem: str) -> None:
    reading = read_source(csv_file(tmp_path, HEADER, *ROWS[:3], row, *ROWS[3:]), skip_bad=True, cache=False)
    assert [(bad.where, bad.problem[: len(problem)]) for bad in reading.skipped] == [
        ("row 4 (line 5)", problem)
    ]
    assert reading.faces.fingerprint == SOME.fingerprint
    assert reading.faces.ids.tolist() == [str(number) for number in (1, 2, 3, *range(5, 14))]
    assert reading.rows == 13


def test_the_first_bad_row_of_a_batch_is_the_one_reported(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, ROWS[0], "0,1,Training", "9,1,Training")
    with pytest.raises(DataError, match="row 2 "):
        read_faces(path, cache=False)


@pytest.mark.parametrize("kept", [10, 3000, len(GOOD) - 9, len(GOOD) - 2])
def test_a_file_cut_in_the_middle_of_a_row(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "cut.csv"
    path.write_text("\n".join([HEADER, *ROWS, GOOD[:kept]]))
    with pytest.raises(DataError, match=r"row 13 \(line 14\).*cut off"):
        read_faces(path, cache=False)
    assert len(read_faces(path, cache=False, skip_bad=True)) == 12


def test_an_empty_line_between_rows_is_no_row(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, *ROWS[:2], "", *ROWS[2:])
    with pytest.raises(DataError, match="line 4: an empty line between rows"):
        read_faces(path, cache=False)
    reading = read_source(path, skip_bad=True, cache=False)
    assert reading.rows == 12
    assert [bad.where for bad in reading.skipped] == ["line 4"]


@pytest.mark.parametrize("skip_bad", [False, True])
@pytest.mark.parametrize("lines", [[HEADER], [HEADER, "", ""]])
def test_a_header_without_rows_is_an_error(tmp_path: Path, lines: list[str], skip_bad: bool) -> None:
    with pytest.raises(DataError, match="a header and no rows"):
        read_faces(csv_file(tmp_path, *lines), skip_bad=skip_bad, cache=False)


def test_too_many_bad_rows_are_not_skipped(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, ROWS[0], "1,2,3", "4,5,6")
    with pytest.raises(DataError, match="2 of 3 rows are bad"):
        read_faces(path, skip_bad=True, cache=False)


def test_a_line_without_end_is_an_error() -> None:
    stream = io.BytesIO(b"emotion,pixels\n" + b"0 " * (1 << 21))
    with pytest.raises(DataError, match="line 2 is over 2097152 bytes"):
        read_csv(stream, COMPETITION_TRAIN, Faults("some.csv"))


def test_rows_of_many_batches_keep_their_order(tmp_path: Path) -> None:
    many = faces(2 * BATCH + 3)
    lines = [f"{label},{pixel_text(image)},{usage}" for label, image, usage in rows_of(many)]
    lines[BATCH] = "0,1,Training"
    reading = read_source(csv_file(tmp_path, HEADER, *lines), skip_bad=True, cache=False)
    expected = np.delete(np.arange(len(many)), BATCH)
    assert reading.faces.fingerprint == many.take(expected).fingerprint


def test_faces_of_another_side(tmp_path: Path) -> None:
    read = read_faces(csv_file(tmp_path, HEADER, *ROWS), size=24, cache=False)
    means = SOME.images.reshape(-1, 24, 2, 24, 2).mean((2, 4))
    assert read.images.shape == (12, 24, 24)
    assert np.abs(read.images - means).max() <= 0.5


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("Usage,pixels,emotion", (2, 1, 0)),
        ("pixels,emotion,Usage", (1, 0, 2)),
        (",emotion,pixels,Usage", (None, 0, 1, 2)),
        ("id,Emotion, PIXELS ,usage", (None, 0, 1, 2)),
    ],
)
def test_columns_are_read_by_name(header, order, tmp_path):
    some = faces(20)
    rows = [line.split(",") for line in fer_csv(tmp_path / "a.csv", some).read_text().splitlines()[1:]]
    lines = [",".join("7" if at is None else row[at] for at in order) for row in rows]
    (tmp_path / "b.csv").write_text("\n".join([header, *lines]) + "\n")
    assert read_faces(tmp_path / "b.csv").fingerprint == some.fingerprint


@pytest.mark.parametrize(
    "header", ["emotion,pixels,pixels", "emotion,emotion,pixels", "usage,pixels,Usage,emotion"]
)
def test_repeated_columns_are_not_guessed(header, tmp_path):
    (tmp_path / "a.csv").write_text(f"{header}\n0,{'1 ' * 2304}\n")
    with pytest.raises(DataError, match=r"the column '(pixels|emotion|usage)' is there twice"):
        read_faces(tmp_path / "a.csv")


def table(header, change, separator=","):
    """The faces of `SOME` as a table, each row changed: it gets label, pixels, usage."""
    rows = (
        change(int(label), pixels, usage)
        for (label, _, usage), pixels in zip(rows_of(SOME), PIXELS, strict=True)
    )
    return (separator.join(header), *(separator.join(map(str, row)) for row in rows))


SPELLINGS = ("anger", "disgusted", "fearful", "happiness", "sadness", "surprised", "neutral")
SPLIT_WORDS = {"Training": "train", "PublicTest": "val", "PrivateTest": "Test"}
NAMES = ("emotion", "pixels", "Usage")
VARIATIONS = {
    "extra columns": table((*NAMES, "name"), lambda e, p, u: (e, p, u, "x.png")),
    "extra columns before": table(("file", "split_id", *NAMES), lambda e, p, u: ("f", 9, e, p, u)),
    "unnamed columns": table(("", "", *NAMES), lambda e, p, u: (1, 2, e, p, u)),
    "words": table(NAMES, lambda e, p, u: (EMOTIONS[e].upper(), p, u)),
    "other spellings": table(NAMES, lambda e, p, u: (SPELLINGS[e], p, u)),
    "decimals": table(NAMES, lambda e, p, u: (f"{e}.0", p, u)),
    "small letters": table(NAMES, lambda e, p, u: (e, p, u.lower())),
    "split words": table(("label", "pixels", "split"), lambda e, p, u: (e, p, SPLIT_WORDS[u])),
    "semicolons": table(NAMES, lambda *row: row, ";"),
    "tabs": table(NAMES, lambda *row: row, "\t"),
    "a label column beside": table(("label", *NAMES), lambda e, p, u: ("x", e, p, u)),
}


@pytest.mark.parametrize("lines", VARIATIONS.values(), ids=VARIATIONS.keys())
@pytest.mark.parametrize("end", ["\n", "\r"], ids=["lf", "cr"])
def test_what_is_meant_clearly_is_accepted(tmp_path, lines, end):
    reading = read_source(csv_file(tmp_path, *lines, end=end), cache=False)
    assert reading.faces.fingerprint == SOME.fingerprint
    assert reading.rows == 12


@pytest.mark.parametrize("side", [8, 47, 64, 100])
def test_square_faces_of_any_side_are_resized(tmp_path, side):
    some = faces(12, size=side)
    path = fer_csv(tmp_path / "a.csv", some)
    assert read_faces(path, size=side, cache=False).fingerprint == some.fingerprint
    assert read_faces(path, cache=False).images.shape == (12, 48, 48)


def test_the_side_is_that_of_most_rows(tmp_path):
    rows = [f"0,{'1 ' * 2209},Training", *ROWS]  # 47 x 47
    with pytest.raises(DataError, match=r"row 1 .*: 2,209 pixels, expected 2,304"):
        read_faces(csv_file(tmp_path, HEADER, *rows), cache=False)


def test_labels_that_are_numbers_are_known_to_be(tmp_path):
    numbers = tuple("0123456")
    assert read_source(csv_file(tmp_path, HEADER, *ROWS), cache=False).numbers == numbers
    assert read_source(csv_file(tmp_path, *VARIATIONS["words"]), cache=False).numbers == ()
    assert read_source(csv_file(tmp_path, "pixels", *PIXELS), cache=False).numbers == ()


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("fer2013.csv", "emotion,pixels,Usage\n"),
        ("manifest.csv", "path,label\na.png,happy\n"),
        ("list.txt", "train_00001.jpg 5\n"),
    ],
)
@pytest.mark.parametrize("blank", ["\n", " \n"])
def test_blank_lines_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name, head, blank) -> None:
    for module in ("csv_rows", "manifest", "raf_db"):
        monkeypatch.setattr(f"mien.data.readers.{module}.MAX_BLANK_LINES", 100)
    (tmp_path / name).write_text(head + blank * 1000)
    with pytest.raises(DataError, match=r"over 100 blank lines|, too many"):
        read_faces(tmp_path / name, cache=False, skip_bad=True)


def test_a_manifest_of_one_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.data.readers.manifest.MAX_LINE_BYTES", 100)
    (tmp_path / "a.csv").write_text("path,label\n" + "x" * 1000)
    with pytest.raises(DataError, match="a line that is too long"):
        read_faces(tmp_path / "a.csv", cache=False, skip_bad=True)


def test_rows_that_unpack_to_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.limits.MAX_UNPACKED", 1 << 20)
    text = "emotion,pixels\n" + f"0,{' '.join(['0'] * 64)}\n" * 600
    with pytest.raises(DataError, match="faces or more in 0 bytes"):
        read_csv(io.BytesIO(text.encode()), COMPETITION_TRAIN, Faults("a.csv"))


@pytest.mark.parametrize(("images", "named"), [(1, "0.png"), (3, "0.png and 2 more")])
def test_images_beside_a_table_of_faces_are_named(tmp_path, images, named):
    files = {f"happy/{number}.png": png(SOME.images[0]) for number in range(images)}
    folder = folder_of(tmp_path / "both", {**files, ".DS_Store.png": b"hidden"})
    csv_file(folder, HEADER, *ROWS)
    reading = read_source(folder, cache=False)
    assert len(reading.faces) == len(SOME)
    assert (
        f"{folder}: the faces of some.csv were read; images beside it were ignored (happy/{named})"
        in reading.notes
    )
    assert not read_source(folder / "some.csv", cache=False).notes
