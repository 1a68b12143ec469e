import numpy as np

from mien.auditing.confident import by_class, by_noise_rate, confident_joint, label_errors


def noisy(n: int = 60, seed: int = 3, signal: float = 1.2):
    """Return probabilities (n, 3), labels with errors, and the true classes."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 3, n)
    labels = np.where(rng.random(n) < 0.2, (true + 1) % 3, true)
    scores = rng.dirichlet(np.ones(3), n) + signal * np.eye(3)[true]
    return scores / scores.sum(1, keepdims=True), labels, true


def test_errors_are_found_and_correct_labels_are_not():
    probabilities, labels, true = noisy(600)
    found = label_errors(probabilities, labels, confident_joint(probabilities, labels))
    wrong = labels != true
    assert found[wrong].mean() > 0.85
    assert found[~wrong].mean() < 0.05


def test_the_joint_sums_to_one_and_has_the_shares_of_the_labels():
    probabilities, labels, _ = noisy()
    joint = confident_joint(probabilities, labels).joint
    assert np.isclose(joint.sum(), 1)
    assert np.allclose(joint.sum(1), np.bincount(labels) / len(labels))


def test_a_class_without_faces_is_never_confident():
    probabilities, labels, _ = noisy()
    labels = np.where(labels == 2, 1, labels)
    found = confident_joint(probabilities, labels)
    assert found.thresholds[2] == 2
    assert not (found.confident == 2).any()
    assert not label_errors(probabilities, labels, found)[labels == 2].any()


def test_pruning_by_both_is_the_intersection():
    probabilities, labels, _ = noisy(300)
    joint = confident_joint(probabilities, labels)
    both = by_class(probabilities, labels, joint) & by_noise_rate(probabilities, labels, joint)
    assert np.array_equal(label_errors(probabilities, labels, joint), both)


# Recorded from cleanlab 2.9.0 for `noisy(120, seed=0, signal=0.5)`: count.get_confident_thresholds,
# count.compute_confident_joint(calibrate=False) and filter.find_label_issues: faces that both kinds of
# pruning select, and those that only one of them selects.
THRESHOLDS = [0.478518, 0.46419, 0.515949]
COUNTS = [[17, 0, 8], [10, 20, 2], [3, 9, 20]]
BOTH = [
    1, 2, 6, 9, 11, 20, 28, 29, 32, 35, 36, 39, 48, 51, 52, 53, 57, 58, 59, 64, 68, 70, 71, 77, 83, 86, 89,
    90, 92, 94, 96, 97, 99, 111, 113,
]  # fmt: skip
CLASS_ONLY = [15, 22, 42, 81, 104]
NOISE_RATE_ONLY = [41, 54, 72, 101, 109]


def test_it_agrees_with_cleanlab():
    probabilities, labels, _ = noisy(120, seed=0, signal=0.5)
    joint = confident_joint(probabilities, labels)
    assert np.allclose(joint.thresholds, THRESHOLDS, atol=1e-6)
    assert joint.counts.tolist() == COUNTS
    assert np.flatnonzero(label_errors(probabilities, labels, joint)).tolist() == BOTH
    found = [
        set(np.flatnonzero(by(probabilities, labels, joint)).tolist()) for by in (by_class, by_noise_rate)
    ]
    assert found == [{*BOTH, *CLASS_ONLY}, {*BOTH, *NOISE_RATE_ONLY}]
