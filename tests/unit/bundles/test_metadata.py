import pytest
from pydantic import ValidationError

from bundle_builders import tiny_card
from mien.bundles.metadata import BundleMetadata


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
        ({"temperature": 0}, "greater than 0"),
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
