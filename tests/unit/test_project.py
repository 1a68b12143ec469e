"""The files of the project agree with each other."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml
from trove_classifiers import classifiers

import mien

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HOME = PROJECT["urls"]["Source"]
SITE = PROJECT["urls"]["Documentation"]
VERSIONS = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", one)]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def workflow(name):
    return yaml.safe_load(text(f".github/workflows/{name}.yml"))


def test_classifiers_exist():
    assert [one for one in PROJECT["classifiers"] if one not in classifiers] == []


def test_the_version_is_that_of_the_changelog_and_of_the_citation():
    versions = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text("CHANGELOG.md"), re.M)
    citation = yaml.safe_load(text("CITATION.cff"))
    assert versions[0] == ("Unreleased", "")
    assert versions[1] == (mien.__version__, citation["date-released"].isoformat())
    assert citation["version"] == mien.__version__
    assert [day for _, day in versions[1:]] == sorted((day for _, day in versions[1:]), reverse=True)
    assert all(date.fromisoformat(day) for _, day in versions[1:])


def test_sections_of_the_changelog_are_those_of_keep_a_changelog_once_in_a_version():
    kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for version in re.split(r"^## ", text("CHANGELOG.md"), flags=re.M)[1:]:
        sections = re.findall(r"^### (.+)$", version, re.M)
        assert sections == [kind for kind in kinds if kind in sections], version.partition("\n")[0]
    assert re.findall(r"^\[(.+?)\]: ", text("CHANGELOG.md"), re.M) == re.findall(
        r"^## \[(.+?)\]", text("CHANGELOG.md"), re.M
    )


@pytest.mark.parametrize(
    "name",
    [
        "CHANGELOG.md", "CITATION.cff", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "README.md", "SECURITY.md",
        ".github/ISSUE_TEMPLATE/config.yml",
    ],
)  # fmt: skip
def test_the_address_of_the_repository_is_the_same_everywhere(name):
    others = {"mozilla/diversity"}
    found = (
        set(re.findall(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?=[/\s)\"'#]|$)", text(name)))
        - others
    )
    own = {one for one in found if one.rpartition("/")[2] == "mien"}
    assert own <= {HOME.removeprefix("https://github.com/")}
    assert set(re.findall(r"https://[\w-]+\.github\.io/mien", text(name))) <= {SITE.rstrip("/")}


def test_workflows_test_each_supported_python_on_each_system():
    jobs = workflow("tests")["jobs"]
    for job in ("test", "installed"):
        matrix = jobs[job]["strategy"]["matrix"]
        assert matrix["python"] == VERSIONS
        assert {one.partition("-")[0] for one in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert PROJECT["requires-python"] == f">={VERSIONS[0]}"


def test_a_release_is_tested_first_and_uploaded_without_a_token():
    jobs = workflow("release")["jobs"]
    assert jobs["test"]["uses"] == "./.github/workflows/tests.yml"
    assert jobs["build"]["needs"] == "test"
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert not re.search(r"secrets\.", text(".github/workflows/release.yml"))


@pytest.mark.parametrize("name", ["tests", "docs", "release"])
def test_workflows_have_few_permissions_limits_of_time_and_existing_targets(name):
    found = workflow(name)
    targets = set(re.findall(r"^([\w-]+)(?:[\w -]*):", text("Makefile"), re.M))
    assert found["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in found["jobs"].values() if "uses" not in job)
    assert set(re.findall(r"make ([\w-]+)", text(f".github/workflows/{name}.yml"))) <= targets
    actions = re.findall(r"uses: ([^.\s]\S*)", text(f".github/workflows/{name}.yml"))
    assert [action for action in actions if not re.search(r"@v\d+\.\d+\.\d+$", action)] == []


def test_each_benchmark_is_named_in_the_documentation_or_is_a_part_of_another():
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md"))
    scripts = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py")}
    code = "".join(scripts.values())
    own = [name for name in scripts if not re.search(rf"^(?:from|import) {name}\b", code, re.M)]
    assert [name for name in own if f"{name}.py" not in pages] == []


def test_each_file_that_a_license_needs_exists():
    assert [name for name in PROJECT["license-files"] if not (ROOT / name).is_file()] == []


def test_each_direct_dependency_is_listed_with_its_license():
    page = text("docs/about/dependencies.md")
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    names = {re.split(r"[\[<>=!; ]", one)[0] for group in groups for one in group} - {"mien"}
    assert [name for name in sorted(names) if f"| {name} |" not in page] == []
