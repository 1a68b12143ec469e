"""Checks a built site: links lead to files and anchors, and no page loads anything from another host.

python -m generate.check_site build/site
"""

import re
import sys
from collections.abc import Iterator
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from generate import repository

RESOURCES: Final = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "link": "href",
}
"""Attributes that a browser loads, by element."""

UNLOADED: Final = frozenset({"canonical", "next", "prev", "alternate"})
"""Relations of `link` elements that a browser doesn't load."""

_CSS_URL: Final = re.compile(r"""(?:url\(|@import\s+)["']?([^"')\s]+)""")


class PageLinks(HTMLParser):
    """The anchors, the links and the resources of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = {""}
        self.links: set[str] = set()
        self.resources: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element names or refers to."""
        found = {name: value or "" for name, value in attrs}
        self.anchors.update(found[name] for name in ("id", "name") if name in found)
        if tag == "a" and "href" in found:
            self.links.add(found["href"])
        is_loaded = not UNLOADED & set(found.get("rel", "").split())
        if tag in RESOURCES and RESOURCES[tag] in found and is_loaded:
            self.resources.add(found[RESOURCES[tag]])


class Site:
    """The files of a built site.

    Args:
        folder: Its root.
        base: The path of its address, as "/mien/" of https://example.org/mien/: the page for errors needs it.
    """

    def __init__(self, folder: Path, base: str = "/") -> None:
        self.folder, self.base = folder.resolve(), base

    @cached_property
    def pages(self) -> dict[Path, PageLinks]:
        """The parsed pages by path."""
        return {
            path: PageLinks(path.read_text(encoding="utf-8")) for path in sorted(self.folder.rglob("*.html"))
        }

    def problems(self) -> Iterator[str]:
        """Yield one line for each broken link and each resource of another host."""
        for path, page in self.pages.items():
            name = path.relative_to(self.folder)
            for link in sorted(page.links | page.resources):
                if problem := self._problem(path, link, is_loaded=link in page.resources):
                    yield f"{name}: {link}: {problem}"
        for path in sorted(self.folder.rglob("*.css")):
            for link in _CSS_URL.findall(path.read_text(encoding="utf-8")):
                if problem := self._problem(path, link, is_loaded=True):
                    yield f"{path.relative_to(self.folder)}: {link}: {problem}"

    def _problem(self, path: Path, link: str, *, is_loaded: bool) -> str:
        parts = urlsplit(link)
        if parts.scheme == "data":
            return ""
        if parts.scheme or parts.netloc:
            return "loaded from another host" if is_loaded else ""
        target = self._target(path, unquote(parts.path))
        if not target.is_file():
            return "no such file"
        anchor = unquote(parts.fragment)
        is_page = target in self.pages
        return "no such anchor" if is_page and anchor not in self.pages[target].anchors else ""

    def _target(self, path: Path, link: str) -> Path:
        inner = (
            self.folder / link.removeprefix(self.base) if link.startswith(self.base) else path.parent / link
        )
        found = inner.resolve() if link else path
        return found / "index.html" if found.is_dir() else found


def main(folder: str) -> int:
    """Print the problems of a site, and return 1 if there are any."""
    site = Site(Path(folder), urlsplit(repository.site_url()).path or "/")
    problems = list(site.problems())
    links = sum(len(page.links | page.resources) for page in site.pages.values())
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    sys.stdout.write(f"{len(site.pages)} pages, {links:,} links, {len(problems)} problems\n")
    return 1 if problems or not site.pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
