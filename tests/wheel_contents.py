"""What a wheel of mien must contain: `python tests/wheel_contents.py dist/mien-0.2.0-py3-none-any.whl`.

The package of the source tree, complete, and the metadata; nothing else. Needs the standard library only.
"""

import re
import sys
import zipfile
from collections.abc import Iterable, Mapping
from email.parser import HeaderParser
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

KINDS: Final = (".css", ".html", ".j2", ".js", ".npz", ".onnx", ".py", ".svg", ".typed", ".yaml")
"""Endings of the files of the package; a new kind belongs here on purpose."""

REQUIRED: Final = (
    "mien/__init__.py", "mien/__main__.py", "mien/py.typed", "mien/bundles/shipped/small.onnx",
    "mien/bundles/shipped/large.onnx", "mien/recipes/fast.yaml", "mien/recipes/finetune.yaml",
    "mien/training/soft_targets/shipped/fer2013-stacked.npz",
    "mien/evaluation/report.html.j2", "mien/exporting/model_card.md.j2", "mien/figures/page.css",
    "mien/serving/page/index.html", "mien/serving/page/app.js", "mien/web/browser/sw.js",
)  # fmt: skip
"""One file of each kind and place, so that an empty package can't pass."""

METADATA: Final = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "licenses/NOTICE")

MOST_BYTES: Final = 11_000_000
"""Of the wheel; the two bundles take most of it."""

HEADERS: Final = (
    "Author", "Classifier", "Description-Content-Type", "Keywords", "License-Expression", "License-File",
    "Name", "Project-URL", "Requires-Dist", "Requires-Python", "Summary", "Version",
)  # fmt: skip


@cache
def package_files() -> frozenset[str]:
    """Return the files of the package in the source tree, as a wheel names them."""
    source = ROOT / "src"
    return frozenset(
        path.relative_to(source).as_posix()
        for path in (source / "mien").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def problems_of_names(names: Iterable[str]) -> list[str]:
    """Return what is wrong with the names of the files of the package in a wheel."""
    found, expected = set(names), package_files()
    return [
        *(f"{name}: missing" for name in sorted((expected | set(REQUIRED)) - found)),
        *(f"{name}: not in the source tree" for name in sorted(found - expected)),
        *(f"{name}: unknown kind of file" for name in sorted(found) if not name.endswith(KINDS)),
    ]


def problems(wheel: Path) -> list[str]:
    """Return what is wrong with a wheel, one line for each problem; an empty list if nothing is."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (info,) = {name.partition("/")[0] for name in names if ".dist-info/" in name}
        text = archive.read(f"{info}/METADATA").decode()
    found = problems_of_names(name for name in names if not name.startswith(info))
    metadata = {name.removeprefix(f"{info}/") for name in names if name.startswith(info)}
    found += [f"{info}/{name}: missing or unknown" for name in metadata.symmetric_difference(METADATA)]
    found += [f"{name}: twice" for name in {one for one in names if names.count(one) > 1}]
    if wheel.stat().st_size > MOST_BYTES:
        found.append(f"{wheel.name}: {wheel.stat().st_size} bytes, expected at most {MOST_BYTES}")
    return found + problems_of_metadata(HeaderParser().parsestr(text))


def problems_of_metadata(metadata: Mapping[str, str]) -> list[str]:
    """Return which headers are missing, and whether the version is that of the source tree."""
    init = (ROOT / "src/mien/__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "(.+)"$', init, re.MULTILINE)
    version = match[1] if match else "unknown"
    found = [f"METADATA: no {name}" for name in HEADERS if name not in metadata]
    if metadata["Version"] != version:
        found.append(f"METADATA: version {metadata['Version']}, expected {version}")
    return found


if __name__ == "__main__":
    lines = [line for name in sys.argv[1:] for line in problems(Path(name))]
    sys.exit("\n".join(lines) or 0)
