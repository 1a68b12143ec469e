import logging
import os
import sys

import pytest

from mien import openmp
from mien.config.parts import NETWORKS, ByKind

NAMES = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The variables of OpenMP at each import of torch, which is not imported yet."""
    found: list[dict[str, str]] = []
    monkeypatch.setattr(
        openmp,
        "import_optional",
        lambda *_: found.append({name: os.environ[name] for name in NAMES if name in os.environ}),
    )
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "torch")
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return found


def test_torch_is_imported_with_a_short_spin(seen: list[dict[str, str]]) -> None:
    openmp.import_torch()
    assert seen == [{"GOMP_SPINCOUNT": "1000"}]
    assert "GOMP_SPINCOUNT" not in os.environ, "children and other libraries keep their defaults"


@pytest.mark.parametrize("chosen", [{"GOMP_SPINCOUNT": "7"}, {"OMP_WAIT_POLICY": "active"}])
def test_a_choice_of_the_user_is_kept(
    chosen: dict[str, str], seen: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    openmp.import_torch()
    assert seen == [chosen]
    assert all(os.environ[name] == value for name, value in chosen.items())


def test_a_torch_that_was_imported_before_is_left_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", object())
    with caplog.at_level(logging.DEBUG, "mien"):
        openmp.import_torch()
    assert [record.message for record in caplog.records] == [
        "torch was imported before mien: its OpenMP settings are unchanged"
    ]


def test_reading_a_recipe_imports_torch_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bool] = []
    monkeypatch.setattr("mien.config.parts.import_torch", lambda: calls.append(True))
    ByKind(NETWORKS).validate({"kind": "resnet9", "stages": [{"channels": 8, "pairs": 0}] * 3})
    assert calls
