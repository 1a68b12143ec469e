import numpy as np
import pytest

from late import Late
from mien.config.data import ClassWeights, Oversample
from mien.transforms.balance import class_weights, oversampled

oracle = Late("sklearn.utils.class_weight")
LABELS = np.repeat([0, 1, 2], [100, 40, 5])


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("oversample", "counts"),
    [
        (None, [100, 40, 5]),
        (Oversample(up_to=0.5, at_most=3), [100, 50, 15]),
        (Oversample(up_to=1, at_most=100), [100, 100, 100]),
        (Oversample(up_to=0, at_most=3), [100, 40, 5]),
        (Oversample(up_to=1, at_most=1), [100, 40, 5]),
    ],
)
def test_rare_classes_grow_to_the_smaller_limit(oversample: Oversample | None, counts: list[int]) -> None:
    order = oversampled(LABELS, oversample, rng())
    assert np.bincount(LABELS[order]).tolist() == counts


def test_every_face_comes_and_repeats_are_even() -> None:
    times = np.bincount(oversampled(LABELS, Oversample(up_to=1, at_most=100), rng()), minlength=len(LABELS))
    assert times[:100].tolist() == [1] * 100
    assert set(times[100:140]) == {2, 3}
    assert times[140:].tolist() == [20] * 5


def test_a_class_without_faces_stays_empty() -> None:
    labels = np.array([0, 0, 2])
    assert np.bincount(labels[oversampled(labels, Oversample(up_to=1), rng())]).tolist() == [2, 0, 2]


def test_balanced_weights_are_scikit_learn_s() -> None:
    found = class_weights(np.bincount(LABELS).astype(float), ClassWeights())
    np.testing.assert_allclose(
        found, oracle.compute_class_weight("balanced", classes=np.arange(3), y=LABELS), rtol=1e-6
    )


def test_effective_weights_follow_the_paper() -> None:
    counts = np.array([100.0, 40.0, 5.0])
    raw = (1 - 0.99) / (1 - 0.99**counts)
    found = class_weights(counts, ClassWeights(kind="effective", beta=0.99))
    np.testing.assert_allclose(found / found[0], raw / raw[0], rtol=1e-6)


@pytest.mark.parametrize("kind", ["balanced", "effective"])
@pytest.mark.parametrize("smooth", [0.0, 0.4, 1.0])
def test_weights_average_to_one_over_the_faces_and_empty_classes_weigh_nothing(
    kind: str, smooth: float
) -> None:
    counts = np.array([7215.0, 0.0, 436.0])
    found = class_weights(counts, ClassWeights(kind=kind, smooth=smooth))
    assert found[1] == 0
    assert (found * counts).sum() / counts.sum() == pytest.approx(1, rel=1e-5)


def test_smoothing_all_the_way_makes_them_equal() -> None:
    assert class_weights(np.array([9.0, 1.0]), ClassWeights(smooth=1)).tolist() == [1, 1]


def test_no_weights_are_ones() -> None:
    assert class_weights(np.array([9.0, 0.0]), None).tolist() == [1, 1]
