import pytest

from mien.recognition.labeling import LOW_CONFIDENCE, label_of


@pytest.mark.parametrize(
    ("probabilities", "threshold", "doubt", "expected"),
    [
        ((0.2, 0.8), 0.8, None, ("b", 0.8, None)),
        ((0.5, 0.5), 0.0, None, ("a", 0.5, None)),
        ((0.2, 0.8), 0.9, None, ("b", 0.8, LOW_CONFIDENCE)),
        ((0.0, 1.0), 0.99, None, ("b", 1.0, None)),
        ((0.0, 1.0), 1.0, None, ("b", 1.0, LOW_CONFIDENCE)),
        ((0.2, 0.8), 0.9, "orientation", ("b", 0.8, "orientation")),
    ],
)
def test_a_label_is_uncertain_for_the_first_reason(
    probabilities: tuple[float, ...], threshold: float, doubt: str | None, expected: tuple[object, ...]
) -> None:
    found = label_of(probabilities, ("a", "b"), threshold, doubt)
    assert found == expected
    assert found.uncertain == (expected[2] is not None)
