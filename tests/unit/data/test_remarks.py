import numpy as np
import pytest

from builders import faces
from mien.data.remarks import class_remarks
from mien.labels import SPLITS

TRAIN, VALIDATION, TEST = range(len(SPLITS))


def sample(labels, splits, classes=3):
    some = faces(len(labels), classes)
    return type(some)(
        some.images, np.array(labels, np.int64), np.array(splits, np.uint8), some.ids, some.classes
    )


@pytest.mark.parametrize(
    ("labels", "splits", "expected"),
    [
        ([0, 1, 2], [TRAIN, TRAIN, TRAIN], []),
        ([0, 1, 2, 0, 1, 2], [TRAIN] * 3 + [VALIDATION] * 3, []),
        ([0, 1, 2, 0, 1], [TRAIN] * 3 + [VALIDATION] * 2, ["class 'class2': no validation faces"]),
        ([0, 1, 2, 1], [TRAIN, TRAIN, VALIDATION, VALIDATION],
         ["class 'class2': no training faces", "class 'class0': no validation faces"]),
        ([0, 2, -1], [TRAIN, TEST, TRAIN], ["classes 'class1', 'class2': no training faces"]),
        ([0, 2], [TEST, TEST], []),
        ([-1, -1], [TRAIN, TRAIN], []),
    ],
)  # fmt: skip
def test_classes_without_training_or_validation_faces(labels, splits, expected):
    found = class_remarks(sample(labels, splits))
    assert [remark.partition(";")[0] for remark in found] == expected


def test_many_classes_are_counted():
    (remark,) = class_remarks(sample([0], [TRAIN], 500))
    assert remark.startswith(
        "classes 'class1', 'class2', 'class3', 'class4', 'class5' and 494 more: no training"
    )
