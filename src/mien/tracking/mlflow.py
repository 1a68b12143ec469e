"""MLflow: a SQLite file and a folder of artifacts, as `mlflow ui` finds them, or a server."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar, Final

from filelock import FileLock

from mien.tracking.base import FINISHED, STOPPED, Tracker
from mien.tracking.content import Content
from mien.tracking.memory import Memory

if TYPE_CHECKING:
    from mlflow import MlflowClient

DATABASE: Final = "mlflow.db"
ARTIFACTS: Final = "mlruns"
"""As MLflow calls them by default, so that `mlflow ui` shows them without options."""

EXPERIMENT: Final = "mien"
"""Experiment of the runs, unless MLFLOW_EXPERIMENT_NAME names one."""

MOST_PARAMETERS: Final = 100
"""Parameters that MLflow takes at once."""
LONGEST: Final = 6000
"""Characters of a parameter or a tag that MLflow takes."""

_ENVIRONMENT: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
"""Set before MLflow is imported, unless the user did: no telemetry, and no waiting for minutes for a server
that is away."""

_PATIENCE: Final = 120.0
"""Seconds to wait while another training makes the tables."""

_STATUS: Final = {FINISHED: "FINISHED", STOPPED: "KILLED"}


class MLflow(Tracker):
    """Sends a training to MLflow: parameters, metrics, tags and artifacts.

    MLflow keeps all metrics: epochs that are trained again after a recovery are in its history twice.

    Args:
        place: A folder, in which `mlflow.db` and `mlruns` are made, or the address of a tracking server; by
            default the environment variable MLFLOW_TRACKING_URI, or else the current folder.
        figures: As `Tracker`, like `checkpoint` and `bundle`.
        checkpoint: As `Tracker`.
        bundle: As `Tracker`.
    """

    name: ClassVar[str] = "mlflow"
    package: ClassVar[str] = "mlflow"

    _client: "MlflowClient | None" = None
    _id = _place = ""

    def place_of(self, given: str) -> str:
        """See `Tracker`."""
        return _absolute(given)

    @property
    def view(self) -> str:
        """See `Tracker`."""
        if _is_address(self._place):
            return self._place
        return f"mlflow ui --backend-store-uri {quote(_database(self._place))}"

    def open(self, content: Content, memory: Memory | None) -> Memory:
        """See `Tracker`."""
        place = (
            memory.place if memory else self.place or os.environ.get("MLFLOW_TRACKING_URI") or _absolute(".")
        )
        with _alone(place):
            self._place, self._client = place, _client_of(place)
            known = None if memory is None else self._known(memory)
            if known is None:
                known = Memory(place, self._created(content, place))
        self._id = known.id
        self._client.update_run(self._id, status="RUNNING")
        return known

    def log_recipe(self, content: Content, *, known: bool) -> None:
        """See `Tracker`; a parameter can't be changed, so values that changed since are tags."""
        from mlflow.entities import Param

        parameters = {key: str(value)[:LONGEST] for key, value in content.parameters.items()}
        if known:
            found = self._client_of.get_run(self._id).data.params
            for key, value in parameters.items():
                if found.get(key, value) != value:
                    self._client_of.set_tag(self._id, f"changed.{key}", value)
            parameters = {key: value for key, value in parameters.items() if key not in found}
        items = [Param(key, value) for key, value in parameters.items()]
        for start in range(0, len(items), MOST_PARAMETERS):
            self._client_of.log_batch(self._id, params=items[start : start + MOST_PARAMETERS])
        self._client_of.log_text(self._id, content.recipe, "recipe.yaml")

    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        """See `Tracker`."""
        import time

        from mlflow.entities import Metric

        now = int(1000 * time.time())
        items = [Metric(name, value, now, epoch) for name, value in metrics.items()]
        self._client_of.log_batch(self._id, metrics=items)

    def log_image(self, name: str, png: bytes, epoch: int) -> None:  # noqa: ARG002 - the newest replaces it
        """See `Tracker`."""
        with _as_file(f"{name}.png", png) as path:
            self._client_of.log_artifact(self._id, str(path), "figures")

    def log_file(self, path: Path, name: str) -> None:
        """See `Tracker`."""
        self._client_of.log_artifact(self._id, str(path), name.rpartition("/")[0] or None)

    def close(self, outcome: str) -> None:
        """See `Tracker`."""
        self._client_of.set_terminated(self._id, status=_STATUS.get(outcome, "FAILED"))

    @property
    def _client_of(self) -> "MlflowClient":
        if self._client is None:
            raise RuntimeError("MLflow's run is not open")
        return self._client

    def _known(self, memory: Memory) -> Memory | None:
        """Return the memory with the epochs that MLflow has; None if it has no such run."""
        from mlflow.exceptions import MlflowException

        try:
            run = self._client_of.get_run(memory.id)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise
        if run.info.lifecycle_stage != "active":
            return None
        history = self._client_of.get_metric_history(memory.id, "validation/loss")
        last = max((metric.step for metric in history), default=0)
        return memory.with_epochs(max(last, memory.epochs) if last else 0)

    def _created(self, content: Content, place: str) -> str:
        tags = {f"mien.{key}": value[:LONGEST] for key, value in content.facts.items()}
        experiment = _experiment(self._client_of, place)
        run = self._client_of.create_run(experiment, run_name=content.name, tags=tags)
        identifier: str = run.info.run_id
        return identifier


def _client_of(place: str) -> "MlflowClient":
    """Return a client of MLflow, which is imported here."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns at each retry
    from mlflow import MlflowClient

    if _is_address(place):
        return MlflowClient(place)
    return MlflowClient(_database(place))


@contextmanager
def _alone(place: str) -> Iterator[None]:
    """Let no other training make the tables of a folder, which a client does, within the block."""
    if _is_address(place):
        yield
        return
    folder = Path(place) / ARTIFACTS
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "mien.lock", timeout=_PATIENCE):
        yield


def _database(folder: str) -> str:
    return f"sqlite:///{Path(folder) / DATABASE}"


def _experiment(client: "MlflowClient", place: str) -> str:
    """Return the number of the experiment, which is made if there is none."""
    from mlflow.exceptions import MlflowException

    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    found = client.get_experiment_by_name(name)
    if found is None:
        options: dict[str, Any] = {}
        if not _is_address(place):
            options["artifact_location"] = (Path(place) / ARTIFACTS / name).as_uri()
        try:
            return str(client.create_experiment(name, **options))
        except MlflowException:  # another process has just made it
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return str(found.experiment_id)


def _is_address(place: str) -> bool:
    return "://" in place or place.startswith("databricks")


def _absolute(place: str) -> str:
    return place if _is_address(place) else str(Path(place).absolute())


@contextmanager
def _as_file(name: str, content: bytes) -> Iterator[Path]:
    """Yield a temporary file of that name."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path
