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


@pytest.mark.real_data
def test_it_is_as_accurate_as_its_metadata_state(real_data):
    faces = read_faces(real_data / "fer2013.tar.gz").of_split(VALIDATION)
    metadata = read_bundle("small").metadata
    assert metadata.scores[0].n == len(faces)
    faces = faces.take(np.arange(len(faces)) % 2 == 0)  # half of them, for time
    probabilities = make_engine(read_bundle("small"), "onnx")(faces.images).probabilities
    assert _accuracy(probabilities, faces.labels) == pytest.approx(metadata.scores[0].accuracy, abs=0.01)
    certain = probabilities.max(1) >= metadata.confidence_threshold.value
    assert _accuracy(probabilities[certain], faces.labels[certain]) >= 0.845
    assert certain.mean() == pytest.approx(metadata.confidence_threshold.coverage, abs=0.01)


@pytest.mark.real_data
@pytest.mark.parametrize("name", shipped_names())
def test_engines_agree_on_a_sample_and_are_as_accurate_as_stated(name, real_data):
    faces = read_faces(real_data / "fer2013.tar.gz").of_split(VALIDATION)
    every = 24 if name == "large" else 8  # `large` takes ten times as long
    images, labels = faces.images[::every], faces.labels[::every]
    bundle = read_bundle(name)
    answers = {engine: make_engine(bundle, engine)(images).probabilities for engine in ("onnx", "openvino")}
    # OpenVINO rounds int8 otherwise than ONNX Runtime, so faces near a tie differ.
    assert np.abs(answers["onnx"] - answers["openvino"]).mean() < 0.004
    assert np.mean(answers["onnx"].argmax(1) == answers["openvino"].argmax(1)) > 0.98
    error = 2 * (0.25 / len(labels)) ** 0.5  # two standard errors at most
    for probabilities in answers.values():
        stated = bundle.metadata.scores[0].accuracy
        assert _accuracy(probabilities, labels) == pytest.approx(stated, abs=error)
        certain = probabilities.max(1) >= bundle.metadata.confidence_threshold.value
        assert _accuracy(probabilities[certain], labels[certain]) >= 0.85 - error
        assert certain.mean() == pytest.approx(bundle.metadata.confidence_threshold.coverage, abs=error)


def _accuracy(probabilities, labels):
    return np.mean(probabilities.argmax(1) == labels)
