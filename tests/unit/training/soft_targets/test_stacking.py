import numpy as np
import pytest
import torch

from mien.training.soft_targets import stacking
from mien.training.soft_targets.stacking import features_of, stacked_probabilities

CLASSES = 3


def confident(classes: np.ndarray) -> np.ndarray:
    return np.where(np.eye(CLASSES)[classes] == 1, 0.8, 0.1).astype(np.float32)


def log_loss(probabilities, labels):
    return -np.log(probabilities[np.arange(len(labels)), labels]).mean()


@pytest.fixture
def some(monkeypatch):
    """Labels, two systems that are right on 60 % of them independently, and folds."""
    monkeypatch.setattr(stacking, "EPOCHS", 6)
    monkeypatch.setattr(stacking, "BATCH", 50)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, 1500)
    systems = [
        confident(np.where(rng.random(1500) < 0.6, labels, rng.integers(0, CLASSES, 1500))) for _ in range(2)
    ]
    return labels, systems, np.arange(1500) % 3 + 1


def test_the_stack_of_two_systems_is_better_than_each_and_than_their_mean(some):
    labels, systems, folds = some
    found = stacked_probabilities(features_of(systems), labels, folds, CLASSES)
    assert np.allclose(found.sum(1), 1, atol=1e-5)
    best = min(*(log_loss(each, labels) for each in systems), log_loss(np.mean(systems, 0), labels))
    assert log_loss(found, labels) < best - 0.02


def test_votes_add_to_the_predictions(some):
    labels, systems, folds = some
    votes = (np.eye(CLASSES)[labels] * 7 + 1).astype(np.uint8)
    found = stacked_probabilities(features_of(systems[:1], votes), labels, folds, CLASSES)
    assert (found.argmax(1) == labels).all()


def test_the_label_of_a_face_does_not_influence_its_own_prediction(some):
    labels, systems, folds = some
    features = features_of(systems)
    changed = np.where(folds == 1, (labels + 1) % CLASSES, labels)
    first, second = (stacked_probabilities(features, each, folds, CLASSES) for each in (labels, changed))
    assert np.array_equal(first[folds == 1], second[folds == 1])
    assert not np.allclose(first[folds == 2], second[folds == 2])


def test_faces_without_a_label_are_predicted_and_not_trained_on(some):
    labels, systems, folds = some
    unknown = np.where(np.arange(len(labels)) % 5 == 0, -1, labels)
    found = stacked_probabilities(features_of(systems), unknown, folds, CLASSES)
    assert (found.argmax(1) == labels)[unknown < 0].mean() > 0.6


def test_the_seed_decides_and_the_global_generator_stays(some):
    labels, systems, folds = some
    features = features_of(systems)
    before = torch.get_rng_state()
    first, again, other = (stacked_probabilities(features, labels, folds, CLASSES, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_features_are_finite_and_centered():
    certain = np.eye(CLASSES, dtype=np.float32)
    found = features_of([certain], np.zeros((CLASSES, 4), np.uint8))
    assert found.shape == (CLASSES, CLASSES + 3 * 4)
    assert np.isfinite(found).all()
    assert np.allclose(found[:, :CLASSES].sum(1), 0, atol=1e-5)
