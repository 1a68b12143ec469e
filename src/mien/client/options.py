"""Where a server is, and what a client chooses of it."""

from dataclasses import dataclass, fields
from typing import Any, Final
from urllib.parse import urlsplit

from mien.detection.selection import Selection
from mien.errors import MienError
from mien.recognition.components import require_threshold

DEFAULT_ADDRESS: Final = "http://127.0.0.1:8000"

MAX_SECONDS: Final = 1e6
"""Longest timeout: sockets refuse much longer ones."""


@dataclass(frozen=True)
class Choices:
    """What a client chooses of a server; None and defaults are not sent.

    Attributes:
        bundle: Name of a bundle of the server.
        detector: Name of a detector of the server.
        threshold: A face whose confidence is below this value, 0 to 1, is uncertain.
        min_face: Faces whose box is less than this many pixels wide or high are ignored.
        max_faces: Only this many faces of each image, the largest ones.
        detector_threshold: Faces to which the detector gives a lower score, 0 to 1, are ignored.
        any_orientation: Images may be turned by 90, 180 or 270 degrees.
    """

    bundle: str | None = None
    detector: str | None = None
    threshold: float | None = None
    min_face: float = 0.0
    max_faces: int | None = None
    detector_threshold: float | None = None
    any_orientation: bool = False

    def __post_init__(self) -> None:
        if self.threshold is not None:
            require_threshold(self.threshold)
        Selection(  # checks its values
            self.min_face,
            self.max_faces,
            threshold=self.detector_threshold,
            any_orientation=self.any_orientation,
        )

    def chosen(self, *names: str) -> dict[str, Any]:
        """Return the values of some fields, or of all, that are not their defaults."""
        defaults = {one.name: one.default for one in fields(self)}
        values = {name: getattr(self, name) for name in names or defaults}
        return {name: value for name, value in values.items() if value != defaults[name]}

    def live(self, smooth: float, detect_every: int) -> dict[str, Any]:
        """Return the options of a live session."""
        chosen = self.chosen("bundle", "detector", "threshold", "min_face", "max_faces")
        return chosen | {"smooth": smooth, "detect_every": detect_every}


def address_of(url: str) -> str:
    """Return the address of a server with its scheme and without a slash at its end.

    Raises:
        MienError: It isn't such an address.

    Examples:
        >>> address_of("localhost:8000"), address_of("https://faces.example/mien/")
        ('http://localhost:8000', 'https://faces.example/mien')
    """
    text = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        is_valid = False
    if not is_valid or parts.query or parts.fragment or not text.isprintable() or " " in text:
        raise MienError(f"address {url!r}: expected that of a server, such as {DEFAULT_ADDRESS}")
    if "@" in parts.netloc:
        raise MienError("address: has a name and a password, which mien serve doesn't know; pass token=...")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def require_seconds(timeout: float, patience: float) -> None:
    """Check the limits of time.

    Raises:
        MienError: The timeout isn't above 0, or one is above `MAX_SECONDS`.
    """
    if not 0 < timeout <= MAX_SECONDS:
        raise MienError(f"timeout {timeout:g}: expected seconds, above 0, up to {MAX_SECONDS:g}")
    if not 0 <= patience <= MAX_SECONDS:
        raise MienError(f"patience {patience:g}: expected seconds, 0 to {MAX_SECONDS:g}")


def headers_of(token: str | None) -> dict[str, str]:
    """Return the headers of each request.

    Raises:
        MienError: The token has characters that a header can't have.
    """
    headers = {"Accept-Encoding": "identity"}  # answers are small, and can't be bombs
    if token is None:
        return headers
    if not (token.isascii() and token.isprintable() and token.strip()):
        raise MienError("token: expected printable ASCII characters")
    return headers | {"Authorization": f"Bearer {token.strip()}"}
