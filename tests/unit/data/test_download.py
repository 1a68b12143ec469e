import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from builders import faces, fer_csv
from mien.data import read_faces
from mien.data.download import OFFERS, download_faces
from mien.data.named_sources import downloaded
from mien.errors import DataError, MissingExtraError


class UnauthenticatedError(Exception):
    pass


class CredentialError(Exception):
    pass


class DataCorruptionError(Exception):
    pass


class RefusedError(OSError):
    """As requests.HTTPError, which is an OSError with a response and without a file name."""

    def __init__(self, status):
        super().__init__(f"{status} Client Error.\n\nYou don't have permission")
        self.response = SimpleNamespace(status_code=status)


class UnreachableError(OSError):
    """As requests.ConnectionError, whose response is None."""

    response = None


@pytest.fixture
def hub(monkeypatch):
    """A kagglehub that answers with `hub.answer`, and remembers what it was asked."""
    hub, exceptions = ModuleType("kagglehub"), ModuleType("kagglehub.exceptions")
    for error in (UnauthenticatedError, CredentialError, DataCorruptionError):
        setattr(exceptions, error.__name__, error)
    hub.exceptions, hub.answer, hub.asked = exceptions, "/there/file", []

    def download(name):
        def fetch(handle, path=None, *, force_download=False, output_dir=None):
            sys.stdout.write("Downloading...\n")
            hub.asked.append((name, handle, path, output_dir))
            if isinstance(hub.answer, BaseException):
                raise hub.answer
            return hub.answer

        return fetch

    hub.competition_download, hub.dataset_download = download("competition"), download("dataset")
    monkeypatch.setitem(sys.modules, "kagglehub", hub)
    monkeypatch.setitem(sys.modules, "kagglehub.exceptions", exceptions)
    return hub


@pytest.mark.parametrize(
    ("edition", "asked"),
    [
        (
            "competition",
            (
                "competition",
                "challenges-in-representation-learning-facial-expression-recognition-challenge",
                "fer2013.tar.gz",
                None,
            ),
        ),
        ("folder", ("dataset", "msambare/fer2013", None, None)),
    ],
)
def test_each_edition_has_its_handle(hub, edition, asked):
    assert download_faces(edition) == Path("/there/file")
    assert hub.asked == [asked]


def test_the_folder_is_given_whole(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    download_faces("folder", Path("here"))
    assert hub.asked[0][-1] == str(tmp_path / "here")


def test_progress_goes_to_stderr(hub, capsys):
    download_faces()
    assert capsys.readouterr() == ("", "Downloading...\n")


@pytest.mark.parametrize("edition", sorted(OFFERS))
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            UnauthenticatedError("User is not authenticated"),
            "requires authentication: .*kaggle.com/settings.*KAGGLE_API_TOKEN",
        ),
        (CredentialError("no token"), "requires authentication"),
        (RefusedError(401), "doesn't accept this token"),
        (RefusedError(404), "status 404"),
        (RefusedError(429), "status 429: try again later"),
        (RefusedError(503), "status 503: try again later"),
        (
            UnreachableError("HTTPSConnectionPool(host='www.kaggle.com'): Max retries"),
            "can't reach Kaggle .*network",
        ),
        (TimeoutError("timed out"), "can't reach Kaggle"),
        (DataCorruptionError("checksum"), "damaged: run it again"),
        (FileExistsError("output_dir is not empty: /x. Set"), "output_dir is not empty: /x.*folder=..."),
        (
            PermissionError(13, "Permission denied", "/root/x"),
            "can't write .*Permission denied.*/root/x.*folder=...",
        ),
        (
            OSError(28, "can't write .*No space left on device.*folder=..."),
            "can't write .*No space left on device.*folder=...",
        ),
        (ValueError("Invalid Kaggle credentials file at /x"), "Invalid Kaggle credentials file at /x"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_every_refusal_says_what_to_do(hub, edition, answer, message):
    hub.answer = answer
    with pytest.raises(DataError, match=message) as caught:
        download_faces(edition)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is answer


@pytest.mark.parametrize(
    ("edition", "message"),
    [
        ("competition", "facial-expression-recognition-challenge/rules and accept"),
        ("folder", "kaggle.com/settings"),
    ],
)
def test_forbidden_means_rules_of_the_competition(hub, edition, message):
    hub.answer = RefusedError(403)
    with pytest.raises(DataError, match=message):
        download_faces(edition)


@pytest.mark.parametrize("edition", sorted(OFFERS))
def test_the_way_by_hand_is_always_told(hub, edition):
    hub.answer = UnauthenticatedError()
    with pytest.raises(DataError, match="in a browser from ") as caught:
        download_faces(edition)
    assert OFFERS[edition].page in str(caught.value)


def test_defects_are_not_dressed_up(hub):
    hub.answer = KeyError("x")
    with pytest.raises(KeyError):
        download_faces()


def test_without_kagglehub_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(MissingExtraError, match=r"mien\[download\]"):
        download_faces()


@pytest.mark.filterwarnings("default")
def test_the_real_kagglehub_is_as_this_expects():
    pytest.importorskip("kagglehub")
    exceptions = importlib.import_module("kagglehub.exceptions")
    requests = importlib.import_module("requests")
    assert issubclass(exceptions.KaggleApiHTTPError, OSError)
    assert issubclass(requests.ConnectionError, OSError)
    assert issubclass(requests.Timeout, OSError)
    for name in ("UnauthenticatedError", "CredentialError", "DataCorruptionError"):
        assert issubclass(getattr(exceptions, name), Exception)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("kaggle", OFFERS["competition"].handle),
        ("kaggle:competition", OFFERS["competition"].handle),
        ("kaggle:folder", OFFERS["folder"].handle),
    ],
)
def test_kaggle_is_a_source_that_is_downloaded(hub, source, asked):
    assert downloaded(source) == Path("/there/file")
    assert hub.asked[0][1] == asked


def test_it_is_read_from_where_it_was_downloaded_to(hub, tmp_path):
    hub.answer = str(fer_csv(tmp_path / "fer2013.csv", faces(12)))
    read = read_faces("kaggle")
    assert (len(read), read.source) == (12, hub.answer)


def test_another_edition_is_refused_and_a_file_of_that_name_is_a_file(hub, tmp_path, monkeypatch):
    with pytest.raises(DataError, match="expected kaggle, kaggle:competition, kaggle:folder"):
        downloaded("kaggle:train")
    monkeypatch.chdir(tmp_path)
    Path("kaggle").mkdir()
    assert downloaded("kaggle") == "kaggle"
    assert not hub.asked


def test_kaggle_without_kagglehub_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mien\[download\]'"):
        read_faces("kaggle")
