"""Names of classes that the user gives, and spellings that are brought together."""

from dataclasses import replace

import numpy as np
import pytest

from builders import faces, fer_csv, folder_of, png
from mien.data import read_faces, read_source
from mien.data.classes import merged_spellings, with_classes
from mien.data.readers.raf_db import CLASSES as RAF
from mien.errors import DataError
from mien.labels import EMOTIONS


def named(faces_, **names):
    return [faces_.classes[label] for label in faces_.labels]


def numbered(first, count=7):
    """Faces of classes that are called by numbers, and what each is called."""
    names = tuple(str(number) for number in range(first, first + count))
    return replace(faces(2 * count, count), classes=names)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    "classes", [",".join(RAF), list(RAF), {str(at): name for at, name in enumerate(RAF)}]
)
def test_names_for_numbers_from_0_or_1(first, classes):
    if isinstance(classes, dict):
        classes = {str(int(at) + first): name for at, name in classes.items()}
    found = with_classes(numbered(first), classes)
    assert found.classes == EMOTIONS
    assert [found.classes[label] for label in found.labels] == [RAF[at % 7] for at in range(14)]


def test_other_names_keep_their_order():
    found = with_classes(numbered(1, 3), "smile, frown ,neutral face")
    assert found.classes == ("smile", "frown", "neutral face")
    assert found.labels.tolist() == [0, 1, 2] * 2


def test_a_number_may_be_missing_if_the_first_one_is_clear():
    some = numbered(0)
    part = replace(some.take(some.labels < 5), classes=some.classes)
    assert named(with_classes(part, EMOTIONS))[:5] == list(EMOTIONS[:5])


@pytest.mark.parametrize(
    ("some", "classes", "message"),
    [
        (
            numbered(1, 6),
            EMOTIONS,
            "numbers 1 to 6 for 7 classes may begin with 0 or 1; write 1=angry",
        ),
        (numbered(0, 7), "a,b,c", "its classes are 0, 1, 2, 3, 4, 5, 6, but classes has 3 names"),
        (numbered(3, 7), EMOTIONS, "its classes are 3, .*but classes has 7 names"),
        (numbered(0, 2), "a,A", "a name is there twice; write OLD=NEW to merge"),
        (numbered(0, 2), "a,1=b", "either names, or OLD=NEW for each"),
        (numbered(0, 2), "", "expected names"),
        (numbered(0, 2), [1, 2], "expected names"),
        (numbered(0, 2), "9=b", "no class '9'; it has 0, 1"),
        (faces(4, ["smile", "frown"]), "smile,neutral", "but classes lacks frown; name all of them"),
        (faces(4, ["smile", "frown"]), "smle=x", r"no class 'smle' \(did you mean 'smile'\?\)"),
    ],
)
def test_names_that_do_not_fit_are_refused(some, classes, message):
    with pytest.raises(DataError, match=message):
        with_classes(some, classes)


def test_names_for_other_names_are_their_order_or_new_ones():
    some = faces(4, ["frown", "smile"])
    assert with_classes(some, "Smile,FROWN").classes == ("Smile", "FROWN")
    assert with_classes(some, "Smile,FROWN").labels.tolist() == [1, 0, 1, 0]
    assert with_classes(some, "smile=happy,frown=sad").classes == EMOTIONS
    assert named(with_classes(some, {"smile": "frown"})) == ["frown"] * 4


def test_a_csv_with_numbers_may_have_another_order(tmp_path):
    some = faces(14)
    path = fer_csv(tmp_path / "a.csv", some)
    assert named(read_faces(path, classes=RAF)) == [RAF[label] for label in some.labels]
    assert named(read_faces(path, classes=RAF)) == [RAF[label] for label in some.labels]  # from the cache
    assert read_faces(path).fingerprint == some.fingerprint
    assert named(read_faces(path, classes="0=fear"))[:2] == ["fear", "disgust"]


def test_folders_of_numbers_get_names(tmp_path):
    folder = folder_of(tmp_path / "f", {f"{at}/{at}.png": png(30 * at) for at in range(7)})
    assert read_faces(folder).classes == tuple("0123456")
    found = read_faces(folder, classes=",".join(EMOTIONS))
    assert found.classes == EMOTIONS
    assert [int(image[0, 0]) // 30 for image in found.images] == found.labels.tolist()


def test_spellings_of_one_name_are_one_class_and_remarked(tmp_path):
    files = {
        "train/Smile/1.png": 10,
        "train/Smile/2.png": 20,
        "train/frown/1.png": 30,
        "validation/smile/1.png": 40,
    }
    folder = folder_of(tmp_path / "f", {name: png(level) for name, level in files.items()})
    for _ in range(2):  # read, and from the cache
        reading = read_source(folder)
        assert reading.faces.classes == ("Smile", "frown")
        assert sorted(named(reading.faces)) == ["Smile"] * 3 + ["frown"]
        (remark,) = reading.notes
        assert remark.startswith("classes 'Smile' (2 faces), 'smile' (1 face) differ only in spelling")


@pytest.mark.parametrize("names", [("a b", "A_b"), ("anger", "Angry"), (" x", "x "), ("a-b", "a b")])
def test_what_is_one_spelling(names):
    merged, remarks = merged_spellings(faces(6, [*names, "other"]))
    assert len(merged.classes) == 2
    assert len(remarks) == 1
    counts = np.bincount(merged.labels)
    assert sorted(counts) == [2, 4]


def test_different_names_stay():
    some = faces(4, ["class1", "class2"])
    assert merged_spellings(some) == (some, ())
