"""Faces of a split, and those that are also in the training set."""

from dataclasses import replace

import pytest

from builders import faces
from mien.errors import DataError
from mien.evaluation.splits import faces_of_split, in_training, name_of_source


def test_faces_of_a_split_or_all():
    some = faces(20)
    assert len(faces_of_split(some, "test")) == 2
    assert faces_of_split(some, "all") is some
    with pytest.raises(DataError, match="no faces in the split 'test'; its splits are: train"):
        faces_of_split(some.of_split("train"), "test")


def test_pixel_identical_images_are_in_training():
    images = faces(5).images
    assert in_training(images, images[[1, 3]]).tolist() == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("source", "stem"), [("synthetic:300", "synthetic-300-"), ("a/my faces.csv", "my-faces-"), ("", "faces-")]
)
def test_the_name_of_a_source_is_valid_in_a_file_name(source, stem):
    some = replace(faces(3), source=source)
    assert name_of_source(some) == stem + some.fingerprint[:8]
