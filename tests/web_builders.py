"""Stand-ins for the files of ONNX Runtime Web, for tests that write sites but run none."""

import hashlib
from pathlib import Path

from mien.web import ort_files

CONTENTS = {name: f"content of {name}".encode() for name in ort_files.DIGESTS}


def fake_digests(monkeypatch) -> None:
    """Accept the files of `write_runtime`."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}
    for name, digest in digests.items():
        monkeypatch.setitem(ort_files.DIGESTS, name, digest)


def write_runtime(folder: Path) -> Path:
    """Write the files into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    return folder
