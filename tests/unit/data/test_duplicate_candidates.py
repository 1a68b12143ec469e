import numpy as np

from face_patterns import moved, patterns
from mien.data import duplicate_candidates
from mien.data.duplicate_candidates import VIEWS, Descriptor, candidates, natural_covariance

IMAGES = patterns(30)


def test_the_view_says_how_a_copy_was_made():
    copy = moved(np.ascontiguousarray(IMAGES[4, :, ::-1]), -3, 3)
    found = candidates(np.concatenate([IMAGES, copy[None]]))
    at = int(np.argmax(found.cosine))
    view = VIEWS[found.view[at]]
    assert (found.first[at], found.second[at]) == (4, 30)
    assert view == (1.0, 0.0, True, -3, 3)
    assert found.cosine[at] > 0.99


def test_a_pair_is_a_candidate_once_and_an_image_has_few(monkeypatch):
    monkeypatch.setattr(duplicate_candidates, "MOST_PER_IMAGE", 3)
    found = candidates(np.repeat(IMAGES[:1], 8, axis=0))
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert np.bincount(found.first).tolist() == [3, 3, 3, 3, 3, 2, 1]


def test_many_candidates_are_reduced_on_the_way(monkeypatch):
    usual = candidates(np.repeat(IMAGES[:4], 3, axis=0))
    monkeypatch.setattr(duplicate_candidates, "MOST_KEPT", 1)
    reduced = candidates(np.repeat(IMAGES[:4], 3, axis=0))
    assert np.array_equal(usual.first, reduced.first)
    assert np.array_equal(usual.cosine, reduced.cosine)


def test_descriptors_have_length_1_and_those_of_different_images_differ():
    cells = np.random.default_rng(0).normal(size=(50, 12, 12)).astype(np.float32)
    found = Descriptor(cells)(cells)
    assert found.shape == (50, 48)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.abs(found @ found.T - np.eye(50)).max() < 0.7


def test_few_images_are_described_by_the_spectrum_of_natural_images():
    covariance = natural_covariance(6)
    assert np.isclose(np.trace(covariance), 1)
    assert np.allclose(covariance.sum(1), 0)
    one = Descriptor(np.zeros((1, 6, 6), np.float32))
    assert np.allclose(one(np.ones((2, 6, 6), np.float32)), 0)


def test_no_images_have_no_candidates():
    assert len(candidates(np.empty((0, 48, 48), np.uint8)).first) == 0
