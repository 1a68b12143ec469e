"""Hooks of MkDocs: they add the generated pages, and resolve links to files of the repository."""

from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from generate import commands, models, python_api, recipes, repository
from generate.types import types_by_page

REFERENCE_BOOST = 0.2
"""Factor of the search's scores on the pages of the Python API, which repeat common words the most."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Take the addresses of the repository and the site from pyproject.toml."""
    config.repo_url, config.repo_name = repository.source_url(), "Source"
    config.site_url = repository.site_url()
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the icon and the generated pages, in the navigation where it has a name that ends with "/"."""
    written = {file.src_uri: file.content_string for file in files.documentation_pages()}
    pages = generated(written)
    for path, text in pages.items():
        if path in written:
            raise ValueError(f"docs/{path} is written and generated")
        files.append(File.generated(config, path, content=text))
    icon = repository.ROOT / "src" / "mien" / "serving" / "page" / "icon.svg"
    files.append(File.generated(config, "assets/icon.svg", abs_src_path=str(icon)))
    config.nav = _expanded(config.nav, list(pages))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Resolve links of written pages to files outside docs/.

    The first page has no menu at its sides, and the search lists guides before the reference of Python.
    """
    if page.is_homepage:
        page.meta["hide"] = ["navigation", "toc", "path"]
    if page.file.src_uri.startswith(f"{python_api.FOLDER}/"):
        page.meta["search"] = {"boost": REFERENCE_BOOST}
    if page.file.generated_by:
        return markdown
    path = page.file.src_uri
    return repository.relinked(markdown, f"docs/{path}", path)


def generated(written: dict[str, str]) -> dict[str, str]:
    """Return the Markdown of all generated pages by path.

    Args:
        written: The Markdown of the written pages by path, for links to them.
    """
    types = types_by_page(python_api.names_by_page(), repository.ROOT / "src")
    from_code = commands.pages(written) | recipes.pages() | models.pages() | python_api.pages(types)
    return from_code | repository.pages()


def _expanded(nav: Any, pages: list[str]) -> Any:
    """Return the navigation with the pages of a folder in place of its name."""
    if isinstance(nav, list):
        return [_expanded(item, pages) for item in nav]
    if isinstance(nav, dict):
        return {title: _expanded(item, pages) for title, item in nav.items()}
    if isinstance(nav, str) and nav.endswith("/"):
        return [page for page in pages if page.startswith(nav)]
    return nav
