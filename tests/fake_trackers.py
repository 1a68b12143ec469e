"""Small packages in place of MLflow and W&B, with the names that mien calls."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

MLFLOW = {
    "mlflow/__init__.py": '''
import itertools
from types import SimpleNamespace as Space

STORES = {}

class MlflowClient:
    def __init__(self, uri):
        self.uri = uri
        self.store = STORES.setdefault(uri, {"experiments": {}, "runs": {}})
    def get_experiment_by_name(self, name):
        found = self.store["experiments"].get(name)
        return None if found is None else Space(experiment_id=name, artifact_location=found)
    def create_experiment(self, name, artifact_location=None):
        self.store["experiments"][name] = artifact_location
        return name
    def create_run(self, experiment, run_name, tags):
        identifier = f"id{len(self.store['runs'])}"
        self.store["runs"][identifier] = Space(
            info=Space(run_id=identifier, lifecycle_stage="active", status="RUNNING", run_name=run_name),
            data=Space(params={}, tags=dict(tags)), metrics=[], files=[],
        )
        return self.store["runs"][identifier]
    def get_run(self, identifier):
        from mlflow.exceptions import MlflowException
        if identifier not in self.store["runs"]:
            raise MlflowException("RESOURCE_DOES_NOT_EXIST")
        return self.store["runs"][identifier]
    def update_run(self, identifier, status):
        self.get_run(identifier).info.status = status
    set_terminated = update_run
    def set_tag(self, identifier, key, value):
        self.get_run(identifier).data.tags[key] = value
    def log_batch(self, identifier, metrics=(), params=()):
        run = self.get_run(identifier)
        assert len(params) <= 100
        for param in params:
            assert run.data.params.get(param.key, param.value) == param.value
            run.data.params[param.key] = param.value
        run.metrics.extend(metrics)
    def get_metric_history(self, identifier, key):
        return [metric for metric in self.get_run(identifier).metrics if metric.key == key]
    def log_text(self, identifier, text, name):
        self.get_run(identifier).files.append(name)
    def log_artifact(self, identifier, path, folder=None):
        from pathlib import Path
        assert Path(path).is_file()
        self.get_run(identifier).files.append("/".join(filter(None, [folder, Path(path).name])))
''',
    "mlflow/entities.py": '''
from collections import namedtuple
Metric = namedtuple("Metric", "key value timestamp step")
Param = namedtuple("Param", "key value")
''',
    "mlflow/exceptions.py": '''
class MlflowException(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.error_code = code
''',
}  # fmt: skip

WANDB = {
    "wandb/__init__.py": '''
RUNS = []

class Settings(dict):
    def __init__(self, **values):
        super().__init__(values)

class Image:
    def __init__(self, image):
        self.size = image.size

class Artifact:
    def __init__(self, name, type):
        self.name, self.type, self.files = name, type, {}
    def add_file(self, path, name):
        self.files[name] = path

class Config(dict):
    def update(self, values, allow_val_change):
        super().update(values)

class Run:
    def __init__(self, options):
        self.options, self.config, self.rows, self.artifacts, self.exit_code = options, Config(), [], [], None
        self.dir, self.offline = options["dir"] + "/wandb/offline-run-1/files", options["mode"] == "offline"
        self.id = options["id"] or f"id{len(RUNS)}"
    def define_metric(self, name, step_metric=None):
        pass
    def log(self, values):
        self.rows.append(values)
    def log_artifact(self, artifact):
        self.artifacts.append(artifact)
    def finish(self, exit_code):
        self.exit_code = exit_code

def init(**options):
    RUNS.append(Run(options))
    return RUNS[-1]
''',
}  # fmt: skip


@contextmanager
def installed(folder: Path, files: dict[str, str]) -> Iterator[None]:
    """Make a fake package the one that is imported."""
    for name, text in files.items():
        path = folder / "fakes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    package = next(iter(files)).partition("/")[0]
    before = _removed(package)
    sys.path.insert(0, str(folder / "fakes"))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder / "fakes"))
        _removed(package)
        sys.modules.update(before)


def _removed(package: str) -> dict[str, ModuleType]:
    """Remove a package and its modules from those that are imported, and return them."""
    names = [name for name in sys.modules if name.partition(".")[0] == package]
    return {name: sys.modules.pop(name) for name in names}
