"""What each word of a command line stands for."""

import gzip
import io
import os
from pathlib import Path

import numpy as np
import pytest

from builders import faces, fer_csv, folder_of, png, tar_of, zip_of
from mien.errors import ImageError
from mien.recognition.sources.finding import find_inputs
from mien.recognition.sources.items import FaceTable, Failure, ImageItem, VideoItem

PIXEL = png(200, (3, 4))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Begin in an empty folder, so that words can be short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*words, stdin=b""):
    return list(find_inputs(words, io.BytesIO(stdin)))


def sources(*words, stdin=b""):
    return [item.source for item in found(*words, stdin=stdin)]


def touch(*names, content=PIXEL):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)


def test_words_come_in_their_order_and_again():
    touch("b.jpg", "a.PNG", "d/2.webp", "d/1.gif", "d/c.jpg")
    inputs = find_inputs(["b.jpg", "d", "a.PNG", "b.jpg"], io.BytesIO())
    names = ["b.jpg", "d/1.gif", "d/2.webp", "d/c.jpg", "a.PNG", "b.jpg"]
    assert [item.source for item in inputs] == names
    assert [item.source for item in inputs] == names
    assert all(isinstance(item, ImageItem) for item in inputs)
    assert (inputs.count(), inputs.videos, inputs.needs_detector) == (6, 0, True)


@pytest.mark.parametrize("name", ["film.mp4", "film.MOV", "film.webm"])
def test_videos(name):
    touch(name)
    inputs = find_inputs([name], io.BytesIO())
    assert list(inputs) == [VideoItem(name)]
    assert (inputs.count(), inputs.videos, inputs.needs_detector) == (0, 1, True)


@pytest.mark.parametrize(
    ("word", "source"),
    [
        ("rtsp://camera/1", "rtsp://camera/1"),
        ("https://host/film.mp4", "https://host/film.mp4"),
        ("0", 0),
        ("12", 12),
    ],
)
def test_streams_and_webcams(word, source):
    assert found(word) == [VideoItem(source)]


def test_what_lies_there_comes_before_all_other_meanings():
    touch("2024/a.jpg", "0/b.jpg", "a[1].jpg", "drawn/c.jpg")
    assert sources("2024", "0", "a[1].jpg", "drawn") == [
        "2024/a.jpg",
        "0/b.jpg",
        "a[1].jpg",
        "drawn/c.jpg",
    ]


def test_arrays_are_sets_of_faces():
    np.savez_compressed("a.npz", images=faces(3).images)
    np.save("b.npy", faces(3).images)
    Path("c").write_bytes(Path("a.npz").read_bytes())
    assert found("a.npz", "b.npy", "c") == [FaceTable("a.npz"), FaceTable("b.npy"), FaceTable("c")]


def test_files_of_mien_that_are_no_inputs_are_failures():
    Path("run").mkdir()
    Path("run/run.json").write_text("{}")
    Path("r.csv").write_text("source,label,confidence,uncertain\n")
    failures = found("run", "r.csv")
    assert all(isinstance(item, Failure) for item in failures)
    assert ["training run" in failures[0].message, "a result of mien" in failures[1].message] == [True, True]


def test_sets_of_faces_need_no_detector():
    fer_csv(Path("fer.csv"), faces(3))
    Path("fer.csv.gz").write_bytes(gzip.compress(Path("fer.csv").read_bytes()))
    tar_of(Path("fer.tar.gz"), {"fer.csv": Path("fer.csv").read_bytes()})
    zip_of(Path("fer.zip"), {"fer.csv": Path("fer.csv").read_bytes()})
    zip_of(Path("tree.zip"), {"train/angry/1.png": png(9), "train/Happiness/1.png": png(8)})
    words = ["fer.csv", "fer.csv.gz", "fer.tar.gz", "fer.zip", "tree.zip", "synthetic:20"]
    inputs = find_inputs(words, io.BytesIO())
    assert list(inputs) == [FaceTable(word) for word in words]
    assert (inputs.count(), inputs.needs_detector) == (0, False)


def test_a_zip_of_photographs_is_no_set_of_faces():
    zip_of(Path("a.zip"), {"holiday/1.png": PIXEL, "holiday/2.png": PIXEL, "notes.txt": b"x"})
    inputs = find_inputs(["a.zip"], io.BytesIO())
    assert [(item.source, item.content) for item in inputs] == [
        ("a.zip#holiday/1.png", PIXEL),
        ("a.zip#holiday/2.png", PIXEL),
    ]
    assert (inputs.count(), inputs.needs_detector) == (0, True)


def test_a_damaged_zip_is_a_failure():
    touch("bad.zip", content=b"PK\x03\x04 cut off")
    touch("a.jpg")
    failure, picture = found("bad.zip", "a.jpg")
    assert isinstance(failure, Failure)
    assert failure.message.startswith("bad.zip: damaged")
    assert picture.source == "a.jpg"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PIXEL, ImageItem),
        (b"", ImageItem),
        (b"nonsense", ImageItem),
        (b"\0\0\0\x18ftypmp42\0\0", VideoItem),
        (b"\0\0\0\x18ftypavif\0\0", ImageItem),
        (b"\x1aE\xdf\xa3\x9f", VideoItem),
        (b"RIFF\0\0\0\0AVI LIST", VideoItem),
        (b"RIFF\0\0\0\0WEBPVP8 ", ImageItem),
        (gzip.compress(b"emotion,pixels"), FaceTable),
    ],
    ids=["png", "empty", "nonsense", "mp4", "avif", "matroska", "avi", "webp", "gzip"],
)
def test_a_file_of_unknown_suffix_is_recognized_by_its_content(content, kind):
    touch("what", content=content)
    (item,) = found("what")
    assert (type(item), item.source) == (kind, "what")


def test_patterns():
    touch("p/b.jpg", "p/a.jpg", "p/q/c.png", "p/q/.hidden.png", "p/notes.txt", "p/film.mp4", "p/r.jpg/x.txt")
    assert sources("p/*.jpg") == ["p/a.jpg", "p/b.jpg"]
    assert sources("p/[b-z].jpg") == ["p/b.jpg"]
    assert sources("p/**/*") == ["p/a.jpg", "p/b.jpg", "p/film.mp4", "p/q/c.png"]
    assert sources("p/**/*.png", "p/?.jpg") == ["p/q/c.png", "p/a.jpg", "p/b.jpg"]


def test_an_image_on_standard_input():
    (item,) = found("-", stdin=PIXEL)
    assert (item.source, item.content) == ("stdin", PIXEL)
    (unknown,) = found("-", stdin=b"\0\0\0\x18ftypavif\0\1\2")
    assert unknown.source == "stdin"


@pytest.mark.parametrize("text", [b"a.jpg\nd\n0\n", b"a.jpg\r\nd\r\n0", b"a.jpg\0d\x000\0"])
def test_paths_on_standard_input(text):
    touch("a.jpg", "d/b.png")
    assert sources("-", stdin=text) == ["a.jpg", "d/b.png", 0]


def test_paths_on_standard_input_may_have_spaces_and_any_letters():
    touch("ein Bild ä.jpg")
    assert sources("-", stdin="ein Bild ä.jpg\n".encode()) == ["ein Bild ä.jpg"]


@pytest.mark.parametrize(
    ("words", "stdin", "message"),
    [
        (["phto.jpg"], b"", r"phto.jpg: no such file or folder \(did you mean photo.jpg\?\)"),
        (["nowhere/a.jpg"], b"", "nowhere/a.jpg: no such file or folder; there is no folder nowhere"),
        (["zzz"], b"", "zzz: no such file or folder$"),
        (["*.png"], b"", r"\*.png: matches no image"),
        (["-"], b"", "standard input is empty"),
        (["-"], b"photo.jpg\ngone.jpg\n", "gone.jpg: no such file"),
        (["-", "-"], b"photo.jpg\n", "standard input is empty"),
        (["a\0b"], b"", "a path with a null byte"),
        ([""], b"", "an empty name"),
    ],
)
def test_a_word_that_stands_for_nothing_is_refused_at_once(words, stdin, message):
    touch("photo.jpg")
    with pytest.raises(ImageError, match=message):
        find_inputs(words, io.BytesIO(stdin))


def test_a_pipe_is_read_as_an_image(here):
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb"), os.fdopen(reader, "rb"):
        (item,) = found(f"/dev/fd/{reader}")
    assert isinstance(item, ImageItem)


def test_the_files_of_a_folder_are_counted_and_listed_one_by_one(here):
    folder_of(here / "many", {f"{number:05d}.jpg": b"" for number in range(2000)})
    inputs = find_inputs(["many"], io.BytesIO())
    assert inputs.count() == 2000
    assert next(iter(inputs)).source == "many/00000.jpg"


def test_annotated_images_of_this_run_are_skipped(here):
    touch("p/a.jpg", "p/drawn/p/a.jpg", "p/drawn/b.jpg")
    for words in (["p"], ["p/**/*.jpg"]):
        found = find_inputs(words, io.BytesIO(), exclude=[Path("p/drawn")])
        assert [item.source for item in found] == ["p/a.jpg"]
    named = find_inputs(["p/drawn/b.jpg"], io.BytesIO(), exclude=[Path("p/drawn")])
    assert [item.source for item in named] == ["p/drawn/b.jpg"]


@pytest.mark.parametrize(
    ("field", "value"),
    [(46, b"\xff"), (28, b"\x50\0"), (42, b"\xff\xff\xff\x7f"), (10, b"\x63\0")],
)
def test_a_damaged_archive_is_a_failure_among_others(tmp_path, field, value):
    bad = zip_of(tmp_path / "bad.zip", {"caf\u00e9.png": png(1), "2.png": png(2)})
    good = zip_of(tmp_path / "good.zip", {"3.png": png(3)})
    content = bytearray(bad.read_bytes())
    at = content.index(b"PK\1\2") + field
    content[at : at + len(value)] = value
    bad.write_bytes(content)
    *failures, last = find_inputs([str(bad), str(good)], io.BytesIO())
    assert isinstance(last, ImageItem)
    assert any(isinstance(failure, Failure) and "bad.zip" in failure.message for failure in failures)


@pytest.mark.parametrize("name", ["\x1b[31m.png", "caf\udce9.png", "a\nb.png", "\x7f.png"])
def test_names_from_standard_input_may_have_any_characters(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(PIXEL)
    assert sources("-", stdin=os.fsencode(path) + b"\0" + os.fsencode(path) + b"\0") == [str(path)] * 2


def test_the_address_of_a_stream_may_be_long():
    (item,) = found("rtsp://camera/" + "x" * 400)
    assert item == VideoItem("rtsp://camera/" + "x" * 400)


@pytest.mark.parametrize(
    ("content", "words"), [(bytes(1 << 20), "standard input is empty"), (b"a\n" * 300, "MB of paths")]
)
def test_endless_standard_input_is_refused(monkeypatch, content, words):
    monkeypatch.setattr("mien.recognition.sources.finding.MAX_RECORD_BYTES", 500)
    with pytest.raises(ImageError, match=words):
        find_inputs(["-"], io.BytesIO(content))
