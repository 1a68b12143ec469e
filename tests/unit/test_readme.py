"""The readme of the package index has absolute addresses."""

import importlib.util
import re
import tomllib

import pytest

SOURCE = "https://github.com/mien-fer/mien"
RAW = "https://raw.githubusercontent.com/mien-fer/mien/main"


@pytest.fixture(scope="module")
def hook(repository):
    spec = importlib.util.spec_from_file_location("hatch_build", repository / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("![a](docs/a.png)", f"![a]({RAW}/docs/a.png)"),
        ("[a](docs/a.md#b)", f"[a]({SOURCE}/blob/main/docs/a.md#b)"),
        ("[a](examples/)", f"[a]({SOURCE}/tree/main/examples/)"),
        ("[a](#b)", "[a](#b)"),
        ("[a](https://example.org/b)", "[a](https://example.org/b)"),
        ("[![a](b.svg)](https://example.org)", f"[![a]({RAW}/b.svg)](https://example.org)"),
    ],
)
def test_relative_links_become_addresses(link, expected, hook):
    assert hook.absolute(link, SOURCE) == expected


def test_the_metadata_have_the_readme_without_relative_links(hook, repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "readme" in project["dynamic"]
    hook.AbsoluteReadme(str(repository), {}).update(project)
    targets = re.findall(r"\]\(([^)]+)\)", project["readme"]["text"])
    assert len(targets) > 10
    assert all(re.match("https://|#", target) for target in targets)
