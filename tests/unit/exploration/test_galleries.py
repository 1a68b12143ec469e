from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from builders import faces as random_faces
from mien.errors import DataError
from mien.exploration import galleries, statistics
from mien.figures import style


def shown(figure):
    """The images of a figure, and their captions."""
    panels = [ax for ax in figure.axes if ax.images]
    return [np.asarray(ax.images[0].get_array()) for ax in panels], [ax.get_xlabel() for ax in panels]


def test_five_examples_of_class_by_default():
    some = random_faces(140, size=6)
    images, words = shown(galleries.examples_of_class(some, "fear"))
    assert len(images) == 5
    for image, name in zip(images, words, strict=True):
        at = int(np.flatnonzero(some.ids == name)[0])
        assert some.classes[some.labels[at]] == "fear"
        np.testing.assert_array_equal(image, some.images[at])


@pytest.mark.parametrize(("number", "expected"), [(1, 1), (9, 9), (17, 17), (50, 20)])
def test_any_number_of_examples(number, expected):
    some = random_faces(140, size=6)
    assert len(shown(galleries.examples_of_class(some, "sad", number=number))[0]) == expected


def test_another_seed_shows_other_examples():
    some = random_faces(140, size=6)
    first, again, other = (
        shown(galleries.examples_of_class(some, "sad", seed=seed))[1] for seed in (0, 0, 1)
    )
    assert first == again != other


def test_one_per_class_shows_each_class_that_has_faces():
    some = replace(random_faces(60, 3, size=6), labels=np.arange(60) % 2 * 2)
    images, words = shown(galleries.one_per_class(some))
    assert words == ["class0", "class2"]
    for image, label in zip(images, (0, 2), strict=True):
        assert any((image == other).all() for other in some.images[some.labels == label])


def test_mean_faces_are_the_means():
    some = random_faces(30, 3, size=6)
    images, words = shown(galleries.mean_faces(some))
    np.testing.assert_allclose(images, statistics.mean_faces(some))
    assert words == [f"class{label}\nmean of 10" for label in range(3)]


def test_random_examples_may_have_no_label():
    some = replace(random_faces(4, size=6), labels=np.array([-1, -1, 0, -1]))
    assert sorted(shown(galleries.random_examples(some, number=4))[1]) == [
        "angry",
        "unlabeled",
        "unlabeled",
        "unlabeled",
    ]


def test_duplicates_shows_the_most_repeated_faces_and_marks_conflicts():
    some = random_faces(6, 3, size=6)
    twice = replace(some, images=some.images[[0, 0, 2, 2, 2, 5]], labels=np.array([1, 1, 0, 2, 2, 1]))
    figure = galleries.duplicates(twice)
    panels = [ax for ax in figure.axes if ax.images]
    assert [ax.get_xlabel().splitlines()[0] for ax in panels] == ["3 x class0 or class2", "2 x class1"]
    assert [to_hex(ax.xaxis.label.get_color()) for ax in panels] == [style.VERMILION, style.INK]
    np.testing.assert_array_equal(panels[0].images[0].get_array(), some.images[2])
    assert [text.get_text() for text in figure.axes[0].texts][:1] == ["3"]


def test_duplicates_says_when_there_are_none():
    figure = galleries.duplicates(random_faces(20, size=6))
    assert any("no duplicates" in text.get_text() for text in figure.subfigs[1].texts)


@pytest.mark.parametrize("name", ["$x_1$", "a_b^c", "50 $ or \\frac", "<b>"])
def test_names_of_classes_are_no_formulas(name):
    some = random_faces(20, [name, "other"], size=6)
    figure = galleries.examples_of_class(some, name)
    figure.canvas.draw()
    assert shown(galleries.one_per_class(some))[1][0] == name


def test_a_class_without_faces_has_no_examples():
    with pytest.raises(DataError, match="class 'disgust' has no faces"):
        galleries.examples_of_class(replace(random_faces(3, size=6), labels=np.zeros(3, np.int64)), "disgust")
