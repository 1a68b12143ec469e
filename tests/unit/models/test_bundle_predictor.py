"""Probabilities of a bundle."""

from dataclasses import replace

import numpy as np
import pytest

from bundle_builders import gray_faces, in_memory
from mien.bundles.validation import BATCH
from mien.config.data import Clahe
from mien.errors import BundleError
from mien.models.bundle_predictor import bundle_predictor


def test_probabilities_of_more_faces_than_a_batch_in_their_order():
    images, labels = gray_faces(BATCH + 9)
    found = bundle_predictor(in_memory())(images)
    assert found.dtype == np.float32
    assert (found.argmax(1) == labels).all()
    assert np.allclose(found.sum(1), 1)


def test_faces_are_equalized_where_the_metadata_says_so():
    images, _ = gray_faces(1)
    images[0, :20] = 90
    plain, clahe = (bundle_predictor(in_memory(clahe=given))(images) for given in (None, Clahe()))
    assert np.abs(plain - clahe).max() > 0.01


def test_a_graph_that_cannot_be_run_is_an_error_of_the_bundle():
    with pytest.raises(BundleError, match="bundle tiny: its graph can't be run"):
        bundle_predictor(replace(in_memory(), content=b"no graph"))
