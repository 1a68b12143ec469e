"""docs/design.md describes the tree as it is."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DESIGN = (ROOT / "docs/design.md").read_text(encoding="utf-8")


def layers_of(text: str, between: str, beside: str) -> list[set[str]]:
    return [{name.strip() for name in layer.split(beside)} for layer in text.split(between)]


def test_the_layers_are_those_that_import_linter_enforces() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(one["layers"] for one in contracts["contracts"] if one["name"] == "Layers")
    enforced = layers_of("<".join(reversed(layers)).replace("mien.", ""), "<", "|")
    described = re.search(r"```text\n(lazy < .*?)```", DESIGN, re.DOTALL)
    assert described is not None
    assert layers_of(described[1], "<", ",") == enforced


def test_each_module_and_package_is_described() -> None:
    tree = DESIGN.partition("## Packages")[2].partition("## Extension points")[0]
    entries = [path for path in (ROOT / "src/mien").iterdir() if path.suffix == ".py" or path.is_dir()]
    names = [path.name + "/" * path.is_dir() for path in entries if not path.name.startswith("__")]
    assert [name for name in names if not re.search(rf"(?<![\w/]){re.escape(name)}", tree)] == []
