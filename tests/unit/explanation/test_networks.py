"""Networks of runs and bundles as models: probabilities, inputs, randomized weights."""

import numpy as np
import pytest
import torch

import mien
from bundle_builders import conv_bundle, gray_of, in_memory
from explanation_oracle import face, model
from mien.config.data import Clahe, Preprocess
from mien.explanation.bundles import model_of_bundle, randomized
from mien.explanation.networks import Network
from mien.labels import EMOTIONS
from mien.models.bundle_predictor import bundle_predictor


def test_inputs_are_preprocessed_and_baselines_have_the_mean_level():
    made = Network(torch.nn.Linear(1, 1), Preprocess(mean=0.0, std=1.0))
    assert made.inputs(face())[0, 0].numpy() == pytest.approx(face()[0] / 255)
    assert made.baselines(face()).numpy() == pytest.approx(100 / 255)
    per_image = Network(torch.nn.Linear(1, 1), Preprocess(per_image=True))
    assert per_image.baselines(face()).numpy() == pytest.approx(0, abs=1e-4)


def test_randomized_networks_have_the_same_values_in_another_order_and_are_reproducible():
    some = model()
    one, other = some.randomize(1), some.randomize(1)
    before, after = (made.network.module[0].weight.detach() for made in (some, one))
    assert not torch.equal(before, after)
    assert torch.equal(before.flatten().sort().values, after.flatten().sort().values)
    assert torch.equal(before, model().network.module[0].weight)
    assert (one.predict(face()) == other.predict(face())).all()
    assert (one.predict(face()) != some.predict(face())).any()
    assert one.predict(face()[:0]).shape == (0, 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_bundle_returns_its_probabilities_and_can_be_randomized(channels):
    bundle = conv_bundle(size=24, channels=channels, clahe=Clahe(), classes=("a", "b", "c"))
    faces = np.random.default_rng(0).integers(0, 256, (3, *bundle.metadata.input_shape), dtype=np.uint8)
    some = model_of_bundle(bundle, threads=1)
    assert some.classes == ("a", "b", "c")
    assert some.size == 24
    assert (some.predict(faces) == bundle_predictor(bundle)(faces)).all()
    assert np.abs(some.randomize(0).predict(faces) - some.predict(faces)).max() > 1e-3
    assert some.network is None


@pytest.mark.parametrize("name", ["small", "large"])
def test_quantized_bundles_are_randomized_too(name):
    bundle = mien.read_bundle(name)
    shuffled = randomized(bundle, 3)
    assert shuffled.content != bundle.content
    faces = np.random.default_rng(0).integers(0, 256, (1, 48, 48), dtype=np.uint8)
    assert np.isfinite(model_of_bundle(shuffled, threads=1).predict(faces)).all()


def test_an_engine_may_run_the_bundle():
    some = model_of_bundle(in_memory(), lambda faces: np.eye(7, dtype=np.float32)[: len(faces)])
    gray = np.full((1, 48, 48), gray_of("happy"), np.uint8)
    assert some.predict(gray).argmax() == 0
    assert EMOTIONS[some.randomize(0).predict(gray).argmax()]
