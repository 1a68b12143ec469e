"""Predictions of a bundle, and whether it was trained on the faces."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import faces, fer_csv, predictions
from bundle_builders import gray_faces, in_memory, tiny_card
from mien.data import read_faces
from mien.errors import DataError, PredictionsError
from mien.evaluation import bundles
from mien.evaluation.bundles import (
    predictions_for_same_faces,
    predictions_of_bundle,
    read_evaluation_data,
    report_folder,
)


def members(*fingerprints, recipe=None):
    """Return the networks of a metadata, each with the fingerprint of its faces."""
    member = tiny_card().members[0]
    changes = {} if recipe is None else {"recipe": recipe}
    return tuple(member.model_copy(update={"fingerprint": print_, **changes}) for print_ in fingerprints)


@pytest.fixture
def source(tmp_path):
    """Faces whose ninth, of validation, is the first of training."""
    some = faces(70)
    images = some.images.copy()
    images[8] = images[0]
    return str(fer_csv(tmp_path / "fer2013.csv", replace(some, images=images)))


@pytest.mark.parametrize(
    ("own", "seen"),
    [
        pytest.param([True], 1, id="its own"),
        pytest.param([True, True], 1, id="those of all its networks"),
        pytest.param([True, False], None, id="those of one of its networks"),
        pytest.param([False], None, id="others"),
    ],
)
def test_faces_of_training_are_counted_only_where_they_are_known(own, seen, source):
    fingerprint = read_faces(source).fingerprint
    bundle = in_memory(members=members(*(fingerprint if mine else "another" for mine in own)))
    known = read_evaluation_data(bundle.metadata, source)
    found = predictions_of_bundle(bundle, known, "validation")
    assert (None if found.in_training is None else found.in_training.sum()) == seen
    assert found.from_training_data == all(own)
    assert (known.all_trained_on_it, known.any_trained_on_it, known.fingerprint) == (
        all(own),
        any(own),
        fingerprint,
    )
    assert (found.system, found.split, len(found)) == ("bundle tiny", "validation", 7)
    folder = report_folder(bundle, known, "validation")
    name = "validation" if any(own) else f"fer2013-{fingerprint[:8]}-validation"
    assert folder == Path("tiny-report") / name


def test_a_validation_split_is_held_out_as_it_was_for_the_training(tmp_path):
    some = faces(70)
    path = str(fer_csv(tmp_path / "fer2013.csv", some.take(~some.in_split("validation"))))
    recipe = {"data": {"holdout": 0.2}, "train": {"seed": 3}}
    own = members(read_faces(path).fingerprint, recipe=recipe)
    known = read_evaluation_data(tiny_card(members=own), path)
    assert known.faces.of_split("validation").counts().min() > 0
    assert not read_evaluation_data(tiny_card(), path).faces.in_split("validation").any()


@pytest.mark.parametrize(
    ("trained", "requested", "expected"),
    [
        (["detect"], None, "detect"),
        (["whole"], None, "whole"),
        ([None], None, "whole"),
        (["detect", "whole"], None, "whole"),
        (["detect"], "whole", "whole"),
        (["whole"], "detect", "detect"),
    ],
)
def test_faces_are_found_in_images_as_they_were_for_the_training(monkeypatch, trained, requested, expected):
    own = [members("0" * 32, recipe={"data": {} if one is None else {"faces": one}})[0] for one in trained]
    found = {}

    def read(data, **options):
        found.update(options)
        return faces(7)

    monkeypatch.setattr(bundles, "read_faces", read)
    read_evaluation_data(tiny_card(members=tuple(own)), "photos", images=requested)
    assert found["faces"] == expected


def test_rows_that_a_training_left_out_are_left_out_again(source):
    bundle = in_memory(members=members(read_faces(source).fingerprint))
    with Path(source).open("a") as stream:
        stream.write("9,1 2 3,Training\n")
    assert read_evaluation_data(bundle.metadata, source).all_trained_on_it


def test_other_classes_are_refused(source):
    bundle = in_memory(classes=("yes", "no"))
    with pytest.raises(DataError, match=r"classes angry, .* but bundle tiny has yes, no"):
        predictions_of_bundle(bundle, read_evaluation_data(bundle.metadata, source), "validation")


def test_the_same_faces_for_a_comparison():
    images, labels = gray_faces(70)
    theirs = predictions(images=images, labels=labels, checkpoint_digest="theirs", system="bundle tiny")
    found = predictions_for_same_faces(replace(in_memory(), name="new/tiny.onnx"), theirs)
    assert found.correct.all()
    assert (found.system, found.checkpoint_digest) == ("bundle new/tiny.onnx", "")
    assert (found.in_training, found.from_training_data) == (None, False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": None}, "no images for bundle tiny"),
        ({"classes": tuple("abcdefg")}, "about faces of 12x12 pixels, gray, a, b"),
        ({}, "about faces of 12x12 pixels, .* bundle tiny about faces of 48x48 pixels"),
    ],
)
def test_a_comparison_on_other_faces_is_refused(changes, message):
    with pytest.raises(PredictionsError, match=message):
        predictions_for_same_faces(in_memory(), predictions(**changes))


def test_faces_are_read_in_the_size_and_color_of_the_bundle():
    bundle = in_memory(size=24, channels=3)
    data = read_evaluation_data(bundle.metadata, "synthetic:70")
    assert data.faces.images.shape == (70, 24, 24, 3)
    found = predictions_of_bundle(bundle, data, "all")
    assert found.images.shape == (70, 24, 24, 3)
    np.testing.assert_allclose(found.probabilities.sum(1), 1, atol=1e-5)


def test_faces_of_another_size_or_color_are_refused():
    bundle = in_memory()
    data = read_evaluation_data(bundle.metadata, faces(70, size=24))
    with pytest.raises(DataError, match="24x24 pixels, gray, but bundle tiny takes 48x48 pixels, gray"):
        predictions_of_bundle(bundle, data, "validation")


def test_a_bundle_of_an_unfinished_training_says_so(source):
    note = "was exported before its training was finished (epoch 2 of 5)."
    bundle = in_memory(notes=f"net was distilled from soft.npz. net {note} The rest is no caveat.")
    data = read_evaluation_data(bundle.metadata, source)
    assert (
        predictions_of_bundle(bundle, data, "validation").unfinished
        == f"The network net of bundle tiny {note}"
    )
    assert predictions_of_bundle(in_memory(), data, "validation").unfinished == ""
