"""Imports of optional dependencies: a missing one is a clear error that names the extra to install."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Final

from mien.errors import MissingExtraError

EXTRA_OF: Final = {
    "fastapi": ("fastapi", "serve"),
    "httpx2": ("httpx2", "client"),
    "jinja2": ("Jinja2", "report"),
    "kagglehub": ("kagglehub", "download"),
    "lightning_fabric": ("lightning-fabric", "train"),
    "matplotlib": ("matplotlib", "report"),
    "mlflow": ("mlflow-skinny", "track"),
    "onnxscript": ("onnxscript", "train"),
    "openvino": ("openvino", "openvino"),
    "optuna": ("optuna", "tune"),
    "prometheus_client": ("prometheus-client", "serve"),
    "pyarrow": ("pyarrow", "parquet"),
    "python_multipart": ("python-multipart", "serve"),
    "fsspec": ("fsspec", "ray"),
    "ray": ("ray", "ray"),
    "safetensors": ("safetensors", "train"),
    "sklearn": ("scikit-learn", "tune"),
    "starlette": ("starlette", "serve"),
    "sqlalchemy": ("SQLAlchemy", "track"),
    "tensorboard": ("tensorboard", "track"),
    "torch": ("torch", "train"),
    "uvicorn": ("uvicorn", "serve"),
    "wandb": ("wandb", "track"),
    "websockets": ("websockets", "serve"),
}
"""Package and extra of each optional import."""


def import_optional(module: str, extra: str) -> ModuleType:
    """Import a module that needs an optional dependency, and return it.

    Args:
        module: Such as "pandas", or a module of mien that imports an optional package.
        extra: The extra of mien that installs the package.

    Raises:
        MissingExtraError: The package is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        if package == "mien":
            raise
        raise MissingExtraError(package, extra) from error


@contextmanager
def named_extras() -> Iterator[None]:
    """Raise a failed import of an optional package as an error that names its extra.

    As a decorator, it covers a whole function.

    Raises:
        MissingExtraError: A package of `EXTRA_OF` is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise missing_extra(error) from error


def missing_extra(error: ImportError) -> MissingExtraError:
    """Return the error that names the extra of a failed import; re-raise one that no extra would fix."""
    cause: BaseException | None = error
    while cause is not None:
        name = (cause.name or "").partition(".")[0] if isinstance(cause, ModuleNotFoundError) else ""
        if name in EXTRA_OF:
            return MissingExtraError(*EXTRA_OF[name])
        cause = cause.__cause__
    raise error
