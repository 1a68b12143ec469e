"""MLflow: the contract with a fake client, and the same with the real one where it is installed."""

from contextlib import nullcontext
from importlib.util import find_spec

import pytest
from filelock import FileLock, Timeout

from fake_trackers import MLFLOW, installed
from mien.tracking.mlflow import MLflow
from mien.tracking.results import Results
from run_builders import history
from tracker_builders import status_of

REAL = find_spec("mlflow") is not None
QUIET = pytest.mark.filterwarnings("default")
"""MLflow uses what other packages deprecate."""


@pytest.fixture(
    params=["fake", pytest.param("real", marks=[pytest.mark.skipif(not REAL, reason="no mlflow"), QUIET])]
)
def client(request, monkeypatch, tmp_path):
    """Return a function that returns a client of a folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "run.json").touch()
    found = Results(
        {"best/accuracy": 0.5}, {"examples": b"\x89PNG"}, {"checkpoints/run.json": tmp_path / "run.json"}
    )
    monkeypatch.setattr("mien.tracking.base.results_of", lambda *_, **__: found)

    def client_of(folder):
        import mlflow

        return mlflow.MlflowClient(f"sqlite:///{folder}/mlflow.db")

    with installed(tmp_path, MLFLOW) if request.param == "fake" else nullcontext():
        yield client_of


def train(tracker, status, *rows, end=True):
    tracker.on_train_start(status)
    for row in rows:
        status.history = [*status.history, row]
        tracker.on_epoch_end(status, row)
    if end:
        tracker.on_train_end(status, None)


def run_of(path):
    from mien.tracking.memory import read_memory

    return read_memory(path, "mlflow").id


def accuracies(client, identifier):
    return [(one.step, one.value) for one in client.get_metric_history(identifier, "validation/accuracy")]


def test_a_training_is_a_run_with_parameters_metrics_and_artifacts(client, tmp_path):
    train(MLflow(), status_of(tmp_path / "a"), *history(0.25, 0.5))
    found, identifier = client(tmp_path), run_of(tmp_path / "a")
    run = found.get_run(identifier)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "a")
    assert run.data.params["optimizer.lr"] == "0.01"
    assert run.data.params["train.epochs"] == "2"
    assert run.data.tags["mien.recipe"] == "tiny"
    assert accuracies(found, identifier) == [(1, 0.25), (2, 0.5)]
    artifacts = getattr(run, "files", None) or files_of(found, identifier)
    assert sorted(artifacts) == ["checkpoints/run.json", "figures/examples.png", "recipe.yaml"]


def test_no_other_training_makes_the_tables_of_a_folder_at_the_same_time(client, tmp_path, monkeypatch):
    import mlflow

    def create(self, *args, original=mlflow.MlflowClient.__init__):
        with pytest.raises(Timeout), FileLock(tmp_path / "mlruns" / "mien.lock", timeout=0):
            pass
        original(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(mlflow.MlflowClient, "__init__", create)
        train(MLflow(), status_of(tmp_path / "a"), *history(0.25))
    assert client(tmp_path).get_run(run_of(tmp_path / "a")).info.status == "FINISHED"


def files_of(client, identifier, folder=""):
    found = []
    for item in client.list_artifacts(identifier, folder):
        found += files_of(client, identifier, item.path) if item.is_dir else [item.path]
    return found


def test_a_resumed_training_continues_its_run_and_a_changed_parameter_is_a_tag(client, tmp_path, monkeypatch):
    status = status_of(tmp_path / "a")
    train(MLflow(), status, *history(0.25, 0.5), end=False)  # killed
    monkeypatch.chdir(tmp_path / "a")  # from another folder
    longer = status_of(tmp_path / "a", 0.25, 0.5)
    longer.recipe = longer.recipe.model_copy(
        update={"train": longer.recipe.train.model_copy(update={"epochs": 9})}
    )
    train(MLflow(), longer, history(0.25, 0.5, 0.75)[2])
    found, identifier = client(tmp_path), run_of(tmp_path / "a")
    assert accuracies(found, identifier) == [(1, 0.25), (2, 0.5), (3, 0.75)]
    run = found.get_run(identifier)
    assert (run.data.params["train.epochs"], run.data.tags["changed.train.epochs"]) == ("2", "9")
    assert not (tmp_path / "a" / "mlflow.db").exists()


def test_a_folder_is_a_place(client, tmp_path):
    train(MLflow(tmp_path / "here"), status_of(tmp_path / "a"), *history(0.25))
    assert accuracies(client(tmp_path / "here"), run_of(tmp_path / "a")) == [(1, 0.25)]
    assert client(tmp_path / "here").get_experiment_by_name("mien").artifact_location.startswith("file://")


@QUIET
@pytest.mark.skipif(not REAL, reason="no mlflow")
def test_a_server_that_is_away_is_one_warning(tmp_path, caplog, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    tracker = MLflow("http://127.0.0.1:9")
    train(tracker, status_of(tmp_path / "a"), *history(0.25))
    assert sum("tracking with mlflow ended" in message for message in caplog.messages) == 1


def test_nothing_is_reported_to_the_maker(client, tmp_path, monkeypatch):
    import os

    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    train(MLflow(), status_of(tmp_path / "a"), *history(0.25))
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
