import numpy as np
import pytest

from mien.bundles.outputs import check_logits, check_probabilities
from mien.errors import BundleError

ROWS = np.array([[0.25, 0.75], [0, 1]], np.float32)


@pytest.mark.parametrize(
    "found", [ROWS, ROWS.astype(np.float64), np.float32(ROWS) * 1.005, np.empty((0, 2), np.float32)]
)
def test_distributions_pass(found: np.ndarray) -> None:
    before = found.copy()
    check_probabilities(found, found.shape, "x.onnx")
    np.testing.assert_array_equal(found, before)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (ROWS[:1], r"probabilities of the shape \(1, 2\), expected \(2, 2\)"),
        (ROWS[:, :1], r"the shape \(2, 1\)"),
        (ROWS[0], r"the shape \(2,\)"),
        (ROWS.tolist(), "of type list, expected floats"),
        (None, "of type NoneType"),
        (ROWS.astype(np.int64), "of type int64"),
        (ROWS.astype(object), "of type object"),
        (np.where(ROWS == 1, np.nan, ROWS), "not finite"),
        (np.where(ROWS == 1, np.inf, ROWS), "not finite"),
        (np.array([[5.0, 0], [0, 1]]), "the probability 5, expected 0 to 1"),
        (np.array([[-0.5, 1.5], [0, 1]])[:, ::-1], "the probability 1.5, expected 0 to 1"),
        (np.array([[-0.5, 0.75], [0, 1]]), r"the probability -0\.5"),
        (ROWS * 0, "probabilities that sum to 0, expected 1"),
        (np.full((2, 2), 0.8), r"sum to 1\.6"),
    ],
)
def test_anything_else_names_the_bundle(found: object, message: str) -> None:
    with pytest.raises(BundleError, match=rf"bundle x\.onnx: .*{message}"):
        check_probabilities(found, (2, 2), "x.onnx")


def test_logits_are_finite() -> None:
    check_logits(ROWS * 100, (2, 2), "x.onnx")
    with pytest.raises(BundleError, match="logits that are not finite"):
        check_logits(np.full((2, 2), np.nan, np.float32), (2, 2), "x.onnx")
    with pytest.raises(BundleError, match="logits of the shape"):
        check_logits(ROWS, (3, 2), "x.onnx")
