"""The calibration in the graph of a bundle computes what numpy computes, in every engine."""

import numpy as np
import pytest

from bundle_builders import tiny_card
from export_builders import ENGINES, conv_component
from mien.bundles.calibration import Calibration, calibrated
from mien.bundles.reading import Bundle
from mien.bundles.seal import sealed
from mien.bundles.validation import check_graph
from mien.data.synthetic import generate_faces
from mien.exporting.components import component_of_bundle
from mien.exporting.ensemble import ensemble

VECTOR = {"scale": (0.5, 0.8, 1.0, 1.2, 0.7, 0.9, 1.5), "bias": (0.3, -1, 0, 0.2, 0, 0.1, -0.4)}
MAP = {"knots": (0, 0.3, 0.5, 0.8, 1), "levels": (0, 0.25, 0.6, 0.7, 0.97)}
CALIBRATIONS = {
    "temperature": Calibration(scale=(0.8,)),
    "vector": Calibration(**VECTOR),
    "isotonic": Calibration(scale=(0.2,), **MAP),
    "vector-isotonic": Calibration(**VECTOR, **MAP),
}


def bundle_with(calibration, models=None):
    metadata = tiny_card().model_copy(update={"calibration": calibration})
    model = ensemble(
        models or [conv_component().to_onnx()], None, size=48, classes=7, calibration=calibration
    )
    content = sealed(model, metadata)
    check_graph(content, model, metadata)
    return Bundle(content, metadata, "made")


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("method", CALIBRATIONS)
def test_the_graph_computes_the_calibration(kind, method):
    faces = generate_faces(70, seed=3).images
    answers = ENGINES[kind](bundle_with(CALIBRATIONS[method]))(faces)
    expected = calibrated(answers.logits, CALIBRATIONS[method])
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(answers.probabilities.sum(1), 1, atol=1e-5)
    assert answers.probabilities.std() > 0.01


@pytest.mark.parametrize("kind", ENGINES)
def test_certain_and_equal_classes_stay_distributions(kind):
    flat = Calibration(scale=(1e-9,), **MAP)
    answers = ENGINES[kind](bundle_with(flat))(generate_faces(20, seed=3).images)
    np.testing.assert_allclose(answers.probabilities, 1 / 7, atol=1e-5)
    sharp = Calibration(scale=(1000.0,), **MAP)
    found = ENGINES[kind](bundle_with(sharp))(generate_faces(20, seed=3).images).probabilities
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)


def test_a_component_loses_its_calibration():
    faces = generate_faces(5, seed=3).images
    part = component_of_bundle(bundle_with(CALIBRATIONS["vector-isotonic"]))
    plain = ENGINES["onnx"](bundle_with(Calibration(), [part.to_onnx()]))(faces)
    np.testing.assert_array_equal(plain.logits, conv_component().logits(faces))
    np.testing.assert_allclose(plain.probabilities, calibrated(plain.logits, Calibration()), atol=1e-6)
