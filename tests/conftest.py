"""What every test may rely on: a cache of its own, and the real rows where they are."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from made_once import share_conversions, share_operators, share_synthetic_faces, skip_drawing_curves

REPOSITORY = Path(__file__).resolve().parents[1]

UNTRACED = ("fuzz/", "integration/", "unit/api/", "unit/exporting/")
UNTRACED_FILES = ("test_galleries.py", "test_page.py", "test_plots.py", "test_report.py")
"""Tests that convert networks or draw many figures: tracing them would take half as long again. Neither are
those of the real rows traced."""

settings.register_profile(
    "tests",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("tests")  # results depend neither on chance nor on the load of the machine

SIGNALS = {signal.SIGINT: signal.default_int_handler}
SIGNALS |= {signal.SIGHUP: signal.SIG_DFL} if hasattr(signal, "SIGHUP") else {}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Collect tests without garbage collection, and exempt them and all modules from it afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """Pause the measurement of coverage during the tests above, their fixtures included."""
    coverage = getattr(item.config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    path = item.path.relative_to(REPOSITORY / "tests").as_posix()
    untraced = path.startswith(UNTRACED) or path.endswith(UNTRACED_FILES)
    pauses = coverage is not None and (untraced or item.get_closest_marker("real_data") is not None)
    if pauses:
        coverage.pause()
    try:
        return (yield)
    finally:
        if pauses:
            coverage.resume()


@pytest.fixture(scope="session", autouse=True)
def mien_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the caches of this session in a folder that ends with it; subprocesses inherit it."""
    folder = shared_folder(tmp_path_factory, "cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIEN_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def default_signals() -> None:
    """Undo that shells ignore SIGINT in background jobs, and nohup ignores SIGHUP; children inherit it."""
    for number, handler in SIGNALS.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Share synthetic faces between tests, and draw no curves after each training."""
    with pytest.MonkeyPatch.context() as patch:
        share_synthetic_faces(patch)
        skip_drawing_curves(patch)
        yield


@pytest.fixture(scope="session")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Convert each network to ONNX once in a session; torch's exporter takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        share_operators(patch)
        share_conversions(patch, shared_folder(tmp_path_factory, "conversions"))
        yield


def shared_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """Return a temporary folder that all processes of this session share."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def file_size_limit() -> Callable[[int], AbstractContextManager[None]]:
    """A context manager in which no file can grow beyond a number of bytes, as on a full disk."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write reports without figures, which take seconds and are tested by `evaluation`."""
    monkeypatch.setattr("mien.evaluation.report.draw_figures", lambda *_: {})


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout, with its docs."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real FER2013 files: $MIEN_DATA, or shared/data beside the repository."""
    folder = Path(os.environ.get("MIEN_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no FER2013 files in {folder}; MIEN_DATA names another folder")
    return folder


@pytest.fixture(scope="session")
def yunet(real_data: Path) -> Path:
    """The file of the YuNet detector, which lies beside the real rows."""
    path = real_data / "yunet" / "face_detection_yunet_2023mar.onnx"
    if not path.is_file():
        pytest.skip(f"no YuNet at {path}")
    return path
