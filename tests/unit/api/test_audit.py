import numpy as np
import pytest

import mien
from builders import faces
from bundle_builders import in_memory
from mien.auditing import audit as auditing
from mien.errors import DataError


@pytest.fixture(autouse=True)
def labels_only(monkeypatch):
    monkeypatch.setattr(auditing, "copies", lambda *_: ())
    monkeypatch.setattr(auditing, "bad_images", lambda _: ([], []))


def test_a_bundle_predicts_the_faces_of_all_splits():
    found = mien.audit(faces(70), predictions=in_memory())
    assert found.labels is not None
    assert np.array_equal(found.labels.positions, np.arange(70))
    assert "bundle" in found.labels.system


def test_whether_a_bundle_was_trained_on_other_faces_than_its_data_set_is_unknown():
    some = faces(70)
    assert mien.audit(some, predictions=in_memory()).notes[0].startswith("whether bundle tiny was trained on")
    (member,) = in_memory().metadata.members
    own = in_memory(members=(member.model_copy(update={"fingerprint": some.fingerprint}),))
    assert not any("whether" in note for note in mien.audit(some, predictions=own).notes)


def test_predictions_and_folds_exclude_each_other(tmp_path):
    with pytest.raises(DataError, match="pass one of them"):
        mien.audit(faces(20), predictions=in_memory(), folds=2, out=tmp_path)
