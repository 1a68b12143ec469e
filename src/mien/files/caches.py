"""Folders of what mien keeps to avoid repeated work: faces that were read, and downloaded files."""

import os
from pathlib import Path

import platformdirs


def cache_folder(name: str) -> Path:
    """Return the folder of the cache called `name`: below `$MIEN_CACHE`, or below the user's cache folder."""
    return Path(os.environ.get("MIEN_CACHE") or platformdirs.user_cache_dir("mien")) / name
