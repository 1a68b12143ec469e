"""Hints and warnings on what an export is made from."""

from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.runs import checkpoint_digest, predictions_path
from mien.exporting.options import ExportOptions
from mien.exporting.resolve import _tta_hints, open_components
from mien.predictions_file import write_predictions


@pytest.mark.parametrize(("plain_correct", "hints"), [(0.5, True), (None, True), (0.9, False)])
def test_a_run_that_was_evaluated_with_tta_says_what_the_bundle_lacks(copy, plain_correct, hints):
    classes = len(copy.classes)
    for name, correct in (("validation", plain_correct), ("validation-tta", 0.8)):
        labels = np.arange(10) % classes
        guess = np.where(np.arange(10) < 10 * (correct or 0), labels, (labels + 1) % classes)
        given = predictions(
            10, classes, labels=labels, probabilities=np.eye(classes, dtype=np.float32)[guess]
        )
        path = predictions_path(copy, name)
        path.unlink(missing_ok=True)
        if correct is not None:
            write_predictions(path, replace(given, checkpoint_digest=checkpoint_digest(copy)))
    (component,) = open_components([copy])
    found = list(_tta_hints([component], ExportOptions()))
    assert bool(found) is hints
    assert not hints or "80.00 %" in found[0]
    assert list(_tta_hints([component], ExportOptions(tta=True))) == []
