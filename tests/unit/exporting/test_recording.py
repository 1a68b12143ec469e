import onnx
import pytest

from builders import faces, fer_csv
from bundle_builders import tiny_bundle, tiny_card
from mien.bundles.reading import read_bundle
from mien.cli.app import run as mien
from mien.data import read_faces
from mien.errors import BundleError, DataError
from mien.evaluation.shifts import measure
from mien.exporting.model_card import model_card
from mien.exporting.recording import record_shifts


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return str(fer_csv(tmp_path_factory.mktemp("data") / "fer2013.csv", faces(70)))


@pytest.fixture
def bundle(tmp_path, data):
    """A bundle that was trained on the data, with two commands."""
    member = tiny_card().members[0].model_copy(
        update={"fingerprint": read_faces(data).fingerprint, "source": "fer2013.csv"}
    )  # fmt: skip
    commands = ("mien train x", "mien bundle record a.onnx --data old.csv")
    return tiny_bundle(tmp_path / "a.onnx", members=(member,), commands=commands)


def graph_of(path):
    model = onnx.load(path)
    del model.metadata_props[:]
    return model.SerializeToString(deterministic=True)


def test_the_result_becomes_metadata_of_the_same_graph(bundle, data):
    before = graph_of(bundle)
    (found,) = record_shifts([bundle], data, [], limit=4)
    metadata = read_bundle(bundle).metadata
    assert metadata.shifts == found.scores
    assert metadata.commands == (
        "mien train x", "mien bundle record a.onnx --data fer2013.csv --limit 4",
    )  # fmt: skip
    assert graph_of(bundle) == before


def test_scenes_are_searched_once_for_bundles_of_the_same_input(bundle, data, tmp_path):
    copy = tmp_path / "b.onnx"
    copy.write_bytes(bundle.read_bytes())
    done = []

    class Blind:
        name = "blind"
        framing = None

        def detect(self, image):
            done.append(image)
            return []

    first, second = record_shifts([bundle, copy], data, [Blind()], limit=3)
    assert first.scores == second.scores
    assert len(done) == 3


def test_nothing_is_measured_if_a_file_is_no_bundle(bundle, data, tmp_path):
    before = bundle.read_bytes()
    (tmp_path / "c.onnx").write_bytes(b"\x08nothing")
    with pytest.raises(BundleError, match=r"c\.onnx"):
        list(record_shifts([bundle, tmp_path / "c.onnx"], data, [], limit=3))
    assert bundle.read_bytes() == before


def test_another_data_set_than_that_of_the_training_is_refused(bundle, tmp_path):
    before, other = bundle.read_bytes(), fer_csv(tmp_path / "other.csv", faces(63))
    with pytest.raises(DataError, match=r"a\.onnx was trained on other faces"):
        list(record_shifts([bundle], str(other), [], limit=3))
    assert bundle.read_bytes() == before


def test_the_command_prints_and_info_and_card_show_it(bundle, data, capsys, monkeypatch):
    monkeypatch.setattr("mien.evaluation.shifts.detected.available_detectors", lambda options: [])
    assert mien(["bundle", "record", str(bundle), "--data", data, "--limit", "5"]) == 0
    assert "sunglasses" in capsys.readouterr().out
    assert mien(["bundle", "info", str(bundle)]) == 0
    assert "under shift" in capsys.readouterr().out
    monkeypatch.setattr("mien.exporting.model_card.describe_corruptions", lambda: "MANY CORRUPTIONS")
    card = model_card(str(bundle), data)
    assert "Accuracy under distribution shift **" in card
    assert "% with MANY CORRUPTIONS." in card


def test_shipped_names_are_refused(tmp_path, data, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert mien(["bundle", "record", "small", "--data", data]) == 2
    assert "give the path of the copy" in capsys.readouterr().err


def test_the_default_number_of_faces_is_that_of_the_function():
    from mien.cli.bundle import record

    assert record.__kwdefaults__["limit"] == measure.FACES
