"""Check an installation of mien as a new user would: `python tests/installed.py` with its interpreter.

Needs only what `pip install mien` installs: neither pytest nor the repository. Recognizes synthetic faces in
an image by the command and in Python, without network, and prints one line.
"""

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FACES = 2
FORBIDDEN = ("torch", "matplotlib", "pandas")
"""Packages of extras, which recognition must not need."""


def main(folder: Path) -> None:
    """Recognize an image in a folder; raise AssertionError if something is wrong."""
    import mien
    from mien.data.synthetic import generate_faces

    image = folder / "two faces \N{EM DASH} caf\N{LATIN SMALL LETTER E WITH ACUTE}.png"
    write_photo(image, generate_faces(FACES, seed=3, size=96).images)
    out = folder / "faces.jsonl"
    command("predict", str(image), "--output", str(out), "--offline", "--detector", "mtcnn")
    (found,) = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    faces = found["faces"]
    assert len(faces) == FACES, found
    assert all(abs(sum(face["probabilities"].values()) - 1) < 1e-3 for face in faces), found
    result = mien.load(offline=True, detector="mtcnn").recognize(image)
    assert [face.label for face in result.faces] == [face["label"] for face in faces]
    assert mien.list_recipes()
    loaded = [name for name in FORBIDDEN if name in sys.modules]
    assert not loaded, loaded
    place = Path(mien.__file__).parent
    print(
        f"mien {mien.__version__} in {place}, Python {sys.version.split()[0]}: {len(faces)} faces recognized"
    )


def write_photo(path: Path, faces: Sequence[object]) -> None:
    """Write gray faces side by side on a gray background."""
    import numpy as np
    from PIL import Image

    canvas = np.full((200, 160 * len(faces) + 60), 110, np.uint8)
    for number, face in enumerate(faces):
        canvas[50:146, 60 + 160 * number : 156 + 160 * number] = face
    Image.fromarray(canvas).save(path)


def command(*words: str) -> None:
    """Run a command line in this process."""
    from mien.cli.app import run

    code = run(words)
    assert code == 0, f"{words}: exit code {code}"


def refuse(*_: object, **__: object) -> None:
    """Stand in for a connection."""
    raise AssertionError("a connection to the network")


if __name__ == "__main__":
    subprocess.run([sys.executable, "-m", "mien", "--version"], check=True, stdout=subprocess.DEVNULL)
    socket.socket.connect = refuse  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = refuse  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
