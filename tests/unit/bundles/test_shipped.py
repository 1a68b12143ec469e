"""The shipped bundles: small enough, described by their cards, and as accurate as stated."""

import hashlib

import numpy as np
import pytest

from mien.bundles.reading import find_bundle, read_bundle, shipped_names
from mien.data import read_faces
from mien.labels import EMOTIONS, VALIDATION
from mien.percent import percent
from mien.recognition.engines.factory import make_engine

MAX_BYTES = 10_600_000  # 2.6 MB for small and 8 MB for large


def test_names_and_total_size():
    assert {"small", "large"} == set(shipped_names())
    assert sum(find_bundle(name).stat().st_size for name in shipped_names()) <= MAX_BYTES


@pytest.mark.parametrize("name", shipped_names())
def test_the_model_card_describes_it(name, repository):
    metadata, path = read_bundle(name).metadata, find_bundle(name)
    assert metadata.classes == EMOTIONS
    assert metadata.confidence_threshold is not None
    text = (repository / "docs" / "models" / f"{name}.md").read_text(encoding="utf-8")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in text
    assert percent(metadata.scores[0].accuracy, 1) in text
    assert percent(metadata.confidence_threshold.coverage, 1) in text
    for command in metadata.commands:
        assert f"    {command}\n" in text


@pytest.fixture(scope="module")
def validation(real_data):
    return read_faces(real_data / "fer2013.tar.gz").of_split(VALIDATION)


@pytest.fixture(scope="module")
def half(validation):
    """The probabilities of `small` for every second face, by OpenVINO, which takes half the time."""
    return make_engine(read_bundle("small"), "openvino")(validation.images[::2]).probabilities


@pytest.mark.real_data
def test_it_is_as_accurate_as_its_metadata_state(validation, half):
    metadata = read_bundle("small").metadata
    assert metadata.scores[0].n == len(validation)
    labels = validation.labels[::2]
    assert _accuracy(half, labels) == pytest.approx(metadata.scores[0].accuracy, abs=0.01)
    certain = half.max(1) >= metadata.confidence_threshold.value
    assert _accuracy(half[certain], labels[certain]) >= 0.845
    assert certain.mean() == pytest.approx(metadata.confidence_threshold.coverage, abs=0.01)


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "every"), [("small", 8), ("large", 24)])  # `large` takes ten times as long
def test_engines_agree_on_a_sample_and_are_as_accurate_as_stated(name, every, validation, half):
    images, labels, bundle = validation.images[::every], validation.labels[::every], read_bundle(name)
    onnx = make_engine(bundle, "onnx")(images).probabilities
    openvino = (
        half[:: every // 2] if name == "small" else make_engine(bundle, "openvino")(images).probabilities
    )
    # OpenVINO rounds int8 otherwise than ONNX Runtime, so faces near a tie differ.
    assert np.abs(onnx - openvino).mean() < 0.004
    assert np.mean(onnx.argmax(1) == openvino.argmax(1)) > 0.98
    error = 2 * (0.25 / len(labels)) ** 0.5  # two standard errors at most
    for probabilities in (onnx, openvino):
        stated = bundle.metadata.scores[0].accuracy
        assert _accuracy(probabilities, labels) == pytest.approx(stated, abs=error)
        certain = probabilities.max(1) >= bundle.metadata.confidence_threshold.value
        assert _accuracy(probabilities[certain], labels[certain]) >= 0.85 - error
        assert certain.mean() == pytest.approx(bundle.metadata.confidence_threshold.coverage, abs=error)


def _accuracy(probabilities, labels):
    return np.mean(probabilities.argmax(1) == labels)
