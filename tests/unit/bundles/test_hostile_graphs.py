"""Sealed bundles of an attacker are refused before a runtime gets them."""

import re
from pathlib import Path

import pytest

from hostile_graphs import HOSTILE, METADATA, chain, graph_with, node, sealed_hostile
from mien.bundles import reading
from mien.bundles.reading import read_bundle
from mien.errors import BundleError
from mien.limits import MAX_GRAPH_NODES


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_graphs_are_refused_by_name(name: str, tmp_path: Path) -> None:
    builder, reason = HOSTILE[name]
    path = tmp_path / "hostile.onnx"
    path.write_bytes(sealed_hostile(builder))
    with pytest.raises(BundleError) as caught:
        read_bundle(path)
    assert str(caught.value).startswith(str(path))
    assert re.search(reason, str(caught.value))
    assert "\n" not in str(caught.value)


def test_the_seal_of_the_attacker_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "harmless.onnx"
    path.write_bytes(sealed_hostile(lambda: graph_with([node("Relu", "brightness", "x")], "x")))
    assert read_bundle(path).metadata == METADATA


def test_a_chain_within_the_limit_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "chain.onnx"
    path.write_bytes(sealed_hostile(lambda: chain(MAX_GRAPH_NODES - 6)))
    assert read_bundle(path).batch == 64


def test_a_hostile_file_reaches_no_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hostile.onnx"
    path.write_bytes(sealed_hostile(HOSTILE["empty nodes"][0]))
    monkeypatch.setattr(reading, "read_metadata", lambda model: pytest.fail("it was parsed"))
    with pytest.raises(BundleError, match="more than"):
        read_bundle(path)
