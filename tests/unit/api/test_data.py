import pytest

from builders import faces
from mien.api.data import remarks
from mien.data import BadRow, Reading

SKIPPED = tuple(BadRow(f"row {number}", "broken") for number in range(1, 6))


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading(faces(70)), []),
        (Reading(faces(70), notes=("not cached",)), ["not cached"]),
        (Reading(faces(70), SKIPPED[:1]), ["1 bad row left out: row 1: broken"]),
        (
            Reading(faces(70), SKIPPED, notes=("not cached",)),
            ["not cached", "5 bad rows left out: row 1: broken; row 2: broken; row 3: broken; and 2 more"],
        ),
    ],
)
def test_remarks(reading: Reading, expected: list[str]) -> None:
    assert remarks(reading) == expected


def test_missing_classes_are_remarked() -> None:
    (remark,) = remarks(Reading(faces(4, 5)))
    assert remark == "class 'class4': no training faces; no network can be trained to predict it"
