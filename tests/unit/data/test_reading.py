"""What happens to a bad row is decided in one place."""

import pytest

from mien.data.reading import BadRow, Faults
from mien.errors import DataError


def test_a_fault_is_an_error_with_source_place_and_remedy() -> None:
    with pytest.raises(
        DataError, match=r"^a\.csv: row 3: bad \(pass skip_bad=True to skip such rows\)$"
    ) as caught:
        Faults("a.csv").add("row 3", "bad", row=3)
    assert (str(caught.value.path), caught.value.row) == ("a.csv", 3)


def test_faults_are_collected_in_order_when_they_are_to_be_skipped() -> None:
    faults = Faults("a.csv", skip=True)
    faults.add("row 3", "bad")
    faults.add("row 1", "worse")
    assert faults.rows == [BadRow("row 3", "bad"), BadRow("row 1", "worse")]


@pytest.mark.parametrize(
    ("good", "bad", "allowed"), [(1, 0, True), (5, 5, True), (4, 5, False), (0, 1, False)]
)
def test_at_most_half_may_be_bad(good: int, bad: int, allowed: bool) -> None:
    faults = Faults("a.csv", skip=True, rows=[BadRow("row 1", "bad")] * bad)
    if allowed:
        faults.require_mostly_good(good)
        return
    with pytest.raises(
        DataError, match=f"{bad} of {good + bad} rows are bad, too many to skip; the first: row 1: bad"
    ):
        faults.require_mostly_good(good)
