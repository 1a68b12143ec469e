"""FER2013 from Kaggle, through kagglehub (the extra `mien[download]`).

Kaggle requires a token, and for the competition also acceptance of its rules. Errors say where to get what
is missing, and how to download in a browser instead.
"""

import os
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

from mien.errors import DataError, MissingExtraError

Edition = Literal["competition", "folder"]


@dataclass(frozen=True)
class Offer:
    """One edition on Kaggle: its handle, the file to download, its page, and the file offered there."""

    handle: str
    file: str | None
    page: str
    archive: str


OFFERS: Final[dict[Edition, Offer]] = {
    "competition": Offer(
        handle="challenges-in-representation-learning-facial-expression-recognition-challenge",
        file="fer2013.tar.gz",
        page="https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge",
        archive="fer2013.tar.gz",
    ),
    "folder": Offer(
        handle="msambare/fer2013",
        file=None,
        page="https://www.kaggle.com/datasets/msambare/fer2013",
        archive="archive.zip",
    ),
}
"""`competition` has the original rows with all three splits; `folder` has them as JPEGs by class."""

SIGN_IN: Final = (
    "get a token at https://www.kaggle.com/settings (API, Generate New Token) and put it into "
    "the environment variable KAGGLE_API_TOKEN or the file ~/.kaggle/access_token"
)


def download_faces(edition: Edition = "competition", folder: Path | None = None) -> Path:
    """Download an edition of FER2013 and return the path of what `mien.data.read_faces` reads.

    Args:
        edition: "competition" for fer2013.tar.gz, "folder" for images by class.
        folder: Where to put it; None keeps it in kagglehub's own cache.

    Raises:
        MissingExtraError: kagglehub is not installed.
        DataError: No or wrong credentials, rules not accepted, no network, or no disk space.
    """
    offer = OFFERS[edition]
    with redirect_stdout(sys.stderr):  # kagglehub writes its progress to stdout, where results go
        hub = _kagglehub()
        try:
            return Path(_fetch(hub, offer, folder))
        except (hub.exceptions.UnauthenticatedError, hub.exceptions.CredentialError) as error:
            raise DataError(f"Kaggle requires authentication: {SIGN_IN}; {_by_hand(offer)}") from error
        except hub.exceptions.DataCorruptionError as error:
            raise DataError(f"the download of {offer.handle} is damaged: run it again") from error
        except OSError as error:
            raise DataError(_explained(error, offer)) from error
        except ValueError as error:
            raise DataError(f"kagglehub gave up ({error}); {SIGN_IN}; {_by_hand(offer)}") from error


def _kagglehub() -> ModuleType:
    """Import kagglehub, which is slow and optional."""
    try:
        import kagglehub
        import kagglehub.exceptions
    except ModuleNotFoundError as error:
        raise MissingExtraError("kagglehub", "download") from error
    module: ModuleType = kagglehub
    return module


def _fetch(hub: ModuleType, offer: Offer, folder: Path | None) -> str:
    output = None if folder is None else os.fspath(folder.absolute())
    download = hub.competition_download if offer.file else hub.dataset_download
    path: str = download(offer.handle, offer.file, output_dir=output)
    return path


def _explained(error: OSError, offer: Offer) -> str:
    """Classify an OSError of kagglehub: a refusal of the server, the disk, the network."""
    response = getattr(error, "response", None)
    if response is not None:
        return _refusal(int(response.status_code), offer)
    if isinstance(error, FileExistsError):
        return f"{error}; pass folder=... with an empty folder"
    if hasattr(error, "response") or isinstance(error, ConnectionError | TimeoutError):
        return f"can't reach Kaggle ({type(error).__name__}): check the network; {_by_hand(offer)}"
    return f"can't write the download ({error}); pass folder=... with another place"


def _refusal(status: int, offer: Offer) -> str:
    if status == 401:
        return f"Kaggle doesn't accept this token (status 401): {SIGN_IN}; {_by_hand(offer)}"
    if status == 403 and offer.file:
        return (
            f"Kaggle refuses (status 403): sign in, open {offer.page}/rules and accept the rules, "
            f"then run this again; {_by_hand(offer)}"
        )
    if status == 403:
        return f"Kaggle refuses (status 403): {SIGN_IN}; {_by_hand(offer)}"
    return f"Kaggle answers with status {status}: try again later; {_by_hand(offer)}"


def _by_hand(offer: Offer) -> str:
    return f"or download it in a browser from {offer.page} and give mien the file ({offer.archive})"
