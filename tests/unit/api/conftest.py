import pytest


@pytest.fixture(autouse=True)
def _shared_conversions(conversions):
    """Exports are tested elsewhere."""
