"""Mean maps of classes and maps of errors: the known cue is found, and the report shows them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from bundle_builders import in_memory
from explanation_builders import CLASSES, is_in_patch, patch_faces, patch_model, peak
from mien.errors import PredictionsError
from mien.evaluation.report import draw_figures
from mien.evaluation.saliency import FACES, Saliency, model_of_system, saliency_of
from mien.evaluation.scoring import evaluate
from mien.evaluation.sections.saliency import section, sections_of_maps
from mien.predictions import Predictions


def patch_predictions() -> Predictions:
    """Return predictions of the patch model: all say "with"; three labels say "without"."""
    images = patch_faces(20)
    labels = np.array([1] * 17 + [0] * 3)
    found = predictions(20, CLASSES, images=images, labels=labels)
    return replace(found, probabilities=patch_model().predict(images))


@pytest.fixture(scope="module")
def found() -> Saliency:
    given = patch_predictions()
    return saliency_of(patch_model(), given, evaluate(given))


def test_the_mean_map_of_a_class_peaks_at_its_cue_and_rare_classes_have_none(found):
    (one,) = found.classes
    assert (one.name, one.count) == ("with", FACES)
    assert is_in_patch(peak(one.saliency), margin=1)
    assert one.face.shape == (48, 48)
    assert one.parts[0].ratio > 1


def test_errors_have_a_map_for_the_predicted_and_for_the_true_class(found):
    assert {one.index for one in found.errors} == {17, 18, 19}
    assert {(one.predicted, one.label) for one in found.errors} == {("with", "without")}
    predicted, label = found.errors[0].maps
    assert is_in_patch(peak(predicted), margin=2)
    assert is_in_patch(peak(-label), margin=2)


def test_the_section_has_the_figures_and_a_file(found, tmp_path):
    made = section(found)
    assert set(draw_figures([made], tmp_path)) == {"class_saliency", "error_saliency"}
    assert (tmp_path / "class_saliency.png").exists()
    written = json.loads(made.files["saliency.json"])
    assert written["classes"][0]["name"] == "with"
    assert written["errors"][0]["predicted"] == "with"


def test_what_can_not_be_explained():
    given = predictions(14, images=None)
    assert sections_of_maps(in_memory(), given) == []
    assert section(Saliency((), ())) is None
    with pytest.raises(PredictionsError, match="without images"):
        saliency_of(patch_model(), given, evaluate(given))
    with pytest.raises(PredictionsError, match="need a run or a bundle"):
        model_of_system(given)


def test_a_bundle_is_a_model():
    assert model_of_system(in_memory()).classes[3] == "happy"
