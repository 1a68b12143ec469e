from types import SimpleNamespace

import numpy as np

from mien.auditing import face_search
from mien.auditing.face_search import ANGLES, VIEW, shows_face


def test_an_image_is_rotated_until_a_face_is_found(monkeypatch):
    views = []

    def search(view, least):
        views.append(view)
        return SimpleNamespace(scores=[0.9] if len(views) == 2 else [])

    monkeypatch.setattr(face_search, "MtcnnNetworks", lambda _: search)
    monkeypatch.setattr(face_search, "open_mtcnn", lambda _: {})
    monkeypatch.setattr(face_search, "read_networks", dict)
    some = np.zeros((2, 48, 48), np.uint8)
    some[:, :, 24:] = 255
    assert shows_face(some).tolist() == [True, False]
    assert len(views) == 2 + len(ANGLES)
    assert views[0].shape == (VIEW, VIEW, 3)
    assert views[0][0, 0, 0] == 0
    assert views[0][-1, -1, 0] == 255
    assert not np.array_equal(views[0], views[1])


def test_no_images_show_no_faces():
    assert shows_face(np.zeros((0, 48, 48), np.uint8)).shape == (0,)
