"""Many faces on one image."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from builders import predictions
from mien.evaluation import face_sheet as module
from mien.evaluation.face_sheet import face_sheet, selection


def image_of(sheet):
    content = base64.b64decode(sheet.uri.removeprefix("data:image/webp;base64,"))
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"))


def flat(n, side, **changes):
    """Predictions whose faces are of one gray level each."""
    images = np.repeat(np.linspace(20, 230, n).astype(np.uint8), side * side).reshape(n, side, side)
    return predictions(n, images=images, **changes)


@pytest.mark.parametrize(("side", "shown"), [(12, 12), (96, 64)])
def test_each_face_is_at_its_place(side, shown):
    given = flat(10, side)
    sheet = face_sheet(given)
    image = image_of(sheet)
    assert (sheet.columns, image.shape) == (4, (3 * shown, 4 * shown))
    for place in range(10):
        top, left = shown * (place // 4) + shown // 2, shown * (place % 4) + shown // 2
        assert abs(int(image[top, left]) - int(given.images[place, 0, 0])) < 20


def test_color_faces():
    assert face_sheet(predictions(9, images=np.zeros((9, 12, 12, 3), np.uint8))).columns == 3


def test_rare_cells_are_complete_and_frequent_ones_are_spread():
    labels = np.zeros(1000, np.int64)
    one_hot = np.eye(3, dtype=np.float32)[np.where(np.arange(1000) % 100 == 0, 1, 0)]
    given = predictions(1000, 3, labels=labels, probabilities=one_hot)
    rows = selection(given, 60)
    assert len(rows) == 60
    assert set(range(0, 1000, 100)) <= set(rows.tolist())
    assert np.diff(rows).max() < 100
    assert selection(given, 1000).tolist() == list(range(1000))


def test_a_sheet_that_is_too_large_has_fewer_faces(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 3000)
    sheet = face_sheet(predictions(300))
    assert len(sheet.rows) < 300
    assert len(sheet.uri) < 4100
