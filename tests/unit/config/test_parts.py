"""Sections found by kind: built-in classes, those of packages, and errors in one line."""

import sys
from pathlib import Path

import pytest

from mien.config import read_recipe
from mien.config.base import Part
from mien.config.parts import LOSSES, NETWORKS, OPTIMIZERS, SCHEDULES, PartRegistry
from mien.errors import RecipeError

PLUGIN = """
from typing import Literal
from mien.config.base import Strict
from mien.models.base import NetworkConfig

class Layer(Strict):
    units: int = 3

class Linear(NetworkConfig):
    kind: Literal["linear"]
    hidden: Layer = Layer()
    bias_of_it: bool = True
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a package with two networks, one of which can't be imported."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "parts_plugin.py").write_text(PLUGIN)
    info = tmp_path / "parts_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parts-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[mien.networks]\nlinear = parts_plugin:Linear\nbroken = parts_plugin:NoSuchClass\n"
    )
    yield
    sys.modules.pop("parts_plugin", None)


@pytest.mark.parametrize("registry", [NETWORKS, LOSSES, OPTIMIZERS, SCHEDULES], ids=lambda r: r.noun)
def test_every_builtin_is_a_part_that_accepts_its_own_kind(registry: PartRegistry) -> None:
    for name in registry.builtins:
        kind = registry.get(name)
        assert issubclass(kind, Part)
        annotation = kind.model_fields["kind"].annotation
        assert name in getattr(annotation, "__args__", ())


def test_a_package_s_network_is_read_with_its_keys(plugin) -> None:
    recipe = read_recipe("demo", ["network.kind=linear", "network.hidden.units=5"])
    assert recipe.model_dump()["network"] == {
        "kind": "linear",
        "trainable": "all",
        "hidden": {"units": 5},
        "bias_of_it": True,
    }


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["network.kind=lineer"],
            r"network\.kind: no network 'lineer' \(did you mean 'linear'\?\); expected",
        ),
        (
            ["network.kind=linear", "network.hiden=3"],
            r"'network\.hiden' \(did you mean 'network\.hidden'\?\)$",
        ),
        (["bias_of=3"], r"unknown key 'bias_of' \(did you mean 'network\.bias_of_it'\?\)$"),
        (["network.kind=linear", "network.hidden=3"], r"such as \{units: 3\}, found 3$"),
        (["network.kind=linear", "network.hidden.units=x"], r"network\.hidden\.units: .*found 'x'$"),
        (["network.kind=broken"], r"network 'broken' of the package parts-plugin 1\.0 can't be imported \("),
    ],
)
def test_errors_in_a_package_s_network_are_explained(plugin, overrides: list[str], message: str) -> None:
    with pytest.raises(RecipeError, match=message) as caught:
        read_recipe("demo", overrides)
    assert "\n" not in str(caught.value)


def test_a_loss_without_a_kind_is_cross_entropy() -> None:
    assert read_recipe("demo", ["loss={label_smoothing: 0.2}"]).loss.kind == "cross_entropy"
    with pytest.raises(RecipeError, match=r"loss\.label_smoothing: .*found 2$"):
        read_recipe("demo", ["loss={label_smoothing: 2}"])


def test_a_kind_that_is_no_text_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"network\.kind: no network '\[3\]'"):
        read_recipe("demo", ["network.kind=[3]"])
