"""Files of the repository on the site: some are pages of it, links to the others lead to the repository."""

import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).parents[2]

PAGES: Final = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CODE_OF_CONDUCT.md": "project/code-of-conduct.md",
}
"""Page of each file; those that don't exist are left out."""

_LINK: Final = re.compile(r"(\]\()([^)\s]+)(\))")


def pages(root: Path = ROOT) -> dict[str, str]:
    """Return the files of the repository that are pages of the site, with links that work there."""
    return {
        page: relinked((root / name).read_text(encoding="utf-8"), name, page, root)
        for name, page in PAGES.items()
        if (root / name).is_file()
    }


def source_url(root: Path = ROOT) -> str:
    """Return the address of the repository that `pyproject.toml` states; "" if there is none."""
    return _urls(root).get("Source", "")


def site_url(root: Path = ROOT) -> str:
    """Return the address of the site that `pyproject.toml` states; "" if there is none."""
    return _urls(root).get("Documentation", "")


def _urls(root: Path) -> dict[str, str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(project.get("urls", {}))


def relinked(text: str, source: str, page: str, root: Path = ROOT) -> str:
    """Return Markdown with its relative links changed from a file of the repository to a page of the site.

    Args:
        text: The content of the file.
        source: Its path in the repository, such as "docs/guides/images.md".
        page: The path of the page, relative to the folder docs/.
        root: The folder of the repository.
    """

    def changed(match: re.Match[str]) -> str:
        return match[1] + _target(match[2], PurePosixPath(source), PurePosixPath(page), root) + match[3]

    return _LINK.sub(changed, text)


def _target(link: str, source: PurePosixPath, page: PurePosixPath, root: Path) -> str:
    """Return where a link of `source` leads on the page `page`."""
    path, _, anchor = link.partition("#")
    if not path or ":" in path or path.startswith("/"):
        return link
    found = normalized(source.parent / path)
    if found.parts[:1] == ("docs",):
        target = PurePosixPath(*found.parts[1:])
    elif str(found) in PAGES and (root / found).is_file():
        target = PurePosixPath(PAGES[str(found)])
    elif str(found) == "README.md":
        target = PurePosixPath("index.md")
    else:
        return _in_repository(found, anchor, root)
    return relative(target, page.parent) + (f"#{anchor}" if anchor else "")


def _in_repository(path: PurePosixPath, anchor: str, root: Path) -> str:
    kind = "tree" if (root / path).is_dir() else "blob"
    return f"{source_url(root).rstrip('/')}/{kind}/main/{path}" + (f"#{anchor}" if anchor else "")


def normalized(path: PurePosixPath) -> PurePosixPath:
    """Return a path without "..", as far as there are folders to leave."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)


def relative(target: PurePosixPath, folder: PurePosixPath) -> str:
    """Return the path from a folder to a file."""
    common = 0
    for ours, theirs in zip(folder.parts, target.parts[:-1], strict=False):
        if ours != theirs:
            break
        common += 1
    return "/".join([".."] * (len(folder.parts) - common) + list(target.parts[common:]))
