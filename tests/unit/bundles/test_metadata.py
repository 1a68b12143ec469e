import pytest
from pydantic import ValidationError

from bundle_builders import tiny_card
from mien.bundles.metadata import SCHEMA, BundleMetadata


def test_metadata_survive_json() -> None:
    metadata = tiny_card()
    assert BundleMetadata.model_validate_json(metadata.model_dump_json()) == metadata


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ("sad", "sad")}, "same name"),
        ({"classes": ("sad", " ")}, "can't be printed"),
        ({"classes": ("sad", "\x1b[31m")}, "can't be printed"),
        ({"classes": ("sad",)}, "at least 2"),
        ({"calibration": {"scale": (0,)}}, "a scale that is not positive"),
        ({"calibration": {"scale": (1, 1)}}, "2 scales and 0 biases of 7 classes"),
        (
            {"calibration": {"knots": (0, 1), "levels": (0,)}},
            "2 knots and 1 level",
        ),
        (
            {"calibration": {"knots": (0, 0.5, 0.5, 1), "levels": (0, 0.1, 0.2, 1)}},
            "knots that do not increase",
        ),
        ({"calibration": {"knots": (0, 0.5, 1), "levels": (0, 0.7, 0.7)}}, "levels that do not increase"),
        ({"calibration": {"knots": (0.1, 1), "levels": (0, 1)}}, "knots from 0 to 1 expected"),
        ({"size": 4}, "greater than or equal to 8"),
        ({"members": ()}, "at least 1"),
        ({"channels": 2}, "Input should be 1 or 3"),
        ({"color": "red"}, "not permitted"),
    ],
)
def test_invalid_metadata_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        tiny_card(**change)


@pytest.mark.parametrize(("channels", "shape"), [(1, (64, 64)), (3, (64, 64, 3))])
def test_the_input_shape(channels: int, shape: tuple[int, ...]) -> None:
    assert tiny_card(size=64, channels=channels).input_shape == shape


def test_schema_3_had_no_accuracy_under_shift() -> None:
    fields = tiny_card().model_dump(mode="json")
    del fields["shifts"]
    old = BundleMetadata.model_validate(fields | {"schema_version": 3})
    assert (old.schema_version, old.shifts) == (SCHEMA, None)


def test_a_temperature_of_schema_2_is_a_calibration() -> None:
    fields = tiny_card().model_dump(mode="json")
    del fields["calibration"]
    old = BundleMetadata.model_validate(fields | {"schema_version": 2, "temperature": 0.8})
    assert old.calibration.temperature == pytest.approx(0.8)
    assert old.schema_version == SCHEMA
    with pytest.raises(ValidationError, match="a temperature that is not a positive number"):
        BundleMetadata.model_validate(fields | {"schema_version": 2, "temperature": 0})
