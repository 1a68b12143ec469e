import pytest

from generate.repository import relinked


@pytest.fixture
def root(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\n[project.urls]\nSource = "https://example.org/mien"\n'
    )
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n")
    (tmp_path / "examples").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("source", "page", "link", "expected"),
    [
        ("docs/guides/a.md", "guides/a.md", "b.md#x", "b.md#x"),
        ("docs/guides/a.md", "guides/a.md", "../../CHANGELOG.md", "../project/changelog.md"),
        ("docs/guides/a.md", "guides/a.md", "../../README.md", "../index.md"),
        ("docs/a.md", "a.md", "../examples", "https://example.org/mien/tree/main/examples"),
        ("docs/a.md", "a.md", "../src/b.py#L1", "https://example.org/mien/blob/main/src/b.py#L1"),
        ("CHANGELOG.md", "project/changelog.md", "docs/design.md", "../design.md"),
        ("CHANGELOG.md", "project/changelog.md", "https://example.com", "https://example.com"),
        ("CHANGELOG.md", "project/changelog.md", "#a", "#a"),
    ],
)
def test_links_work_on_the_page(root, source, page, link, expected):
    assert relinked(f"see [it]({link}).", source, page, root) == f"see [it]({expected})."
