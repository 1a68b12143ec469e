"""What can't become a bundle is refused before it is run."""

import pytest

from hostile_graphs import METADATA, graph_with, node
from mien.errors import BundleError
from mien.exporting.build import require_runnable


def test_an_operator_that_no_bundle_has_is_refused_at_export() -> None:
    require_runnable(graph_with([node("Relu", "brightness", "x")], "x"), METADATA.size, 1)
    with pytest.raises(
        BundleError, match=r"can't become a bundle: its graph needs the operator Det.*nothing was"
    ):
        require_runnable(graph_with([node("Det", "brightness", "x")], "x"), METADATA.size, 1)
