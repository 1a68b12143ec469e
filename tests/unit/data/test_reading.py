"""What happens to a bad row is decided in one place."""

from contextlib import nullcontext

import pytest

from mien.data.reading import BadRow, Faults, require_size
from mien.errors import DataError


def test_a_fault_is_an_error_with_source_place_and_remedy() -> None:
    with pytest.raises(
        DataError, match=r"^a\.csv: row 3: bad \(pass skip_bad=True to skip such faces\)$"
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


def test_bad_rows_are_limited(monkeypatch):
    monkeypatch.setattr("mien.data.reading.MAX_BAD_ROWS", 2)
    faults = Faults("a.csv", skip=True)
    faults.add("row 1", "bad")
    faults.add("row 2", "bad")
    with pytest.raises(DataError, match=r"a\.csv: over 2 bad rows"):
        faults.add("row 3", "bad")


@pytest.mark.parametrize(
    ("count", "side", "size", "fits"),
    [
        (58_254, 48, 0, True),
        (58_255, 48, 0, False),
        (58_255, 8, 0, False),
        (512, 512, 0, True),
        (513, 512, 0, False),
        (35_887, 48, 97_000_000, True),
        (200_000, 48, 50_000_000, True),
        (10**6, 48, 50_000_000, False),
    ],
)
def test_the_faces_of_a_source_are_limited_by_its_size(count, side, size, fits):
    with nullcontext() if fits else pytest.raises(DataError, match="the limit is"):
        require_size(count, side, size, "a.csv")
