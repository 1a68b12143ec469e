import pytest

from mien.tuning.parameters import Choices, Range
from mien.tuning.scales import scale_of


@pytest.mark.parametrize(
    ("one", "value", "position"),
    [
        (Range(0.0, 10.0), 2.5, 0.25),
        (Range(0.01, 1.0, log=True), 0.1, 0.5),
        (Range(2, 4), 4, 1.0),
        (Choices(("a", None, 3)), None, 0.5),
    ],
)
def test_positions(one: Range | Choices, value: object, position: float) -> None:
    assert scale_of(one).position(value) == pytest.approx(position)


def test_ticks() -> None:
    assert [text for _, text in scale_of(Range(0.0, 1.0)).ticks] == ["0", "0.25", "0.5", "0.75", "1"]
    assert [text for _, text in scale_of(Range(0.0, 1.0)).few_ticks] == ["0", "0.5", "1"]
    assert [text for _, text in scale_of(Range(1, 3)).ticks] == ["1", "2", "3"]
    named = scale_of(Choices(({"kind": "cosine"}, True, None, 0.123456)))
    assert [text for _, text in named.ticks] == ["cosine", "true", "none", "0.123"]
    assert len(scale_of(Choices(tuple(range(100)))).ticks) < 10
