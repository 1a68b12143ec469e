"""The readme of the package index: README.md with absolute addresses; the index resolves no others."""

import re
from pathlib import Path
from typing import Any, Final

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK: Final = re.compile(r"(!?)(\[[^][]*\]\()(?![a-z]+:|#|/)([^)\s]+)\)")


class AbsoluteReadme(MetadataHookInterface):
    """Sets the field `readme` of the metadata."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Read README.md, and make its links lead to the repository of `[project.urls]`."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        source = metadata["urls"]["Source"]
        metadata["readme"] = {"content-type": "text/markdown", "text": absolute(text, source)}


def absolute(text: str, source: str) -> str:
    """Return Markdown whose relative links and images are addresses.

    Args:
        text: Markdown of a file in the root of the repository.
        source: Address of the repository on GitHub.
    """
    raw = source.replace("https://github.com/", "https://raw.githubusercontent.com/")

    def changed(link: re.Match[str]) -> str:
        is_image = link[1] == "!"
        folder = f"{raw}/main" if is_image else f"{source}/{'tree' if link[3].endswith('/') else 'blob'}/main"
        return f"{link[1]}{link[2]}{folder}/{link[3]})"

    return _LINK.sub(changed, text)
