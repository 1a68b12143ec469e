"""Small files of results in all formats, and of boxes."""

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from result_builders import face, result

PHOTO: Final = np.full((100, 120, 3), 128, np.uint8)


def write_results(folder: Path) -> None:
    """Write results of a photograph with two faces and one without any, the photograph, and boxes."""
    cv2.imwrite(str(folder / "photo.png"), PHOTO)
    found = result("photo.png", face("sad", box=(10, 20, 30, 40)), face(), size=(120, 100))
    for name in ("csv", "json", "jsonl", "parquet", "table"):
        target = folder / f"result.{'txt' if name == 'table' else name}"
        with open_writer(name, target, EMOTIONS) as writer:
            writer.write(found)
            writer.write(result("empty.png"))
    (folder / "boxes.csv").write_text("source,left,top,width,height\nphoto.png,10,20,30,40\n")
    (folder / "boxes.json").write_text('{"photo.png": [[10, 20, 30, 40]]}')
