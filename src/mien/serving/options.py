"""The options of a server, and what it accepts."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import platformdirs

from mien.bundles.defaults import DEFAULT
from mien.errors import MienError

MIN_TOKEN: Final = 16
"""Characters of a token, at least."""


MAX_WORKERS: Final = 256
"""Processes of a server, at most."""


@dataclass(frozen=True)
class RequestLimits:
    """Limits of what clients send. A request beyond one is refused with a problem that names the limit.

    Attributes:
        body_bytes: Bytes of the body of a request.
        images: Images of a request.
        pending_images: Images of all requests that are processed or wait; beyond, the answer is 429.
        pending_bytes: Bytes of their files; beyond, the answer is 429.
        head_seconds: Seconds in which a client must send the head of a request.
        body_seconds: Seconds in which a client must send the next part of its body.
        bytes_per_second: Average rate at which a body must arrive after `body_seconds`.
        write_seconds: Seconds after which a client that doesn't read its answer is disconnected.
        connections: Connections at a time; beyond, the answer is 503.
        video_bytes: Bytes of a video.
        jobs: Videos that are uploaded, wait or are processed.
        job_seconds: Seconds that the processing of a video may take.
        followers: Streams of job events at a time.
        live_sessions: WebSocket sessions at a time.
        live_idle_seconds: Seconds after which a session without a message ends.
        frame_bytes: Bytes of a frame of a live session.
        frame_rate: Frames per second of a live session.
    """

    body_bytes: int = 64 << 20
    images: int = 256
    pending_images: int = 512
    pending_bytes: int = 256 << 20
    head_seconds: float = 15.0
    body_seconds: float = 30.0
    bytes_per_second: int = 16 << 10
    write_seconds: float = 60.0
    connections: int = 1024
    video_bytes: int = 2 << 30
    jobs: int = 32
    job_seconds: float = 6 * 3600.0
    followers: int = 64
    live_sessions: int = 16
    live_idle_seconds: float = 3600.0
    frame_bytes: int = 4 << 20
    frame_rate: int = 120

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise MienError(f"{name} {value:g}: expected more than 0")


@dataclass(frozen=True)
class ServerOptions:
    """How a server listens and whom it answers.

    Attributes:
        host: Address to listen on.
        port: TCP port; 0 is any free one.
        token: Clients must send it as `Authorization: Bearer TOKEN`. Required unless the host is a loopback
            address.
        insecure: Listen on other addresses without a token.
        allowed_hosts: Names in the `Host` header that are answered beside loopback names and addresses.
        allowed_origins: Origins, such as "https://example.org", whose pages may call the API.
        bundles: Names or files of the bundles that clients may choose; the first is the default.
        detectors: Names of the detectors that clients may choose; the first is the default.
        detector_model: File of YuNet; by default `$MIEN_YUNET`, the cache, or a download.
        detector_digest: Its SHA-256, as in `mien.load`.
        offline: Download nothing.
        engine: Name of the engine, as in `mien.load`.
        workers: Processes that answer requests.
        threads: Images that a process handles at a time, and threads of its engine; by default one per core,
            divided among the processes.
        jobs: Folder of the videos and results of jobs; one per port in the user's state folder by default.
        keep_hours: Hours for which the results of a video are kept.
        limits: Of requests.

    Raises:
        MienError: A value is out of range, or the host would be open to the network without a token.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = field(default=None, repr=False)
    insecure: bool = False
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    bundles: tuple[str, ...] = (DEFAULT, "large")
    detectors: tuple[str, ...] = ("auto", "mtcnn", "whole")
    detector_model: Path | None = None
    detector_digest: str | None = None
    offline: bool = False
    engine: str = "auto"
    workers: int = 1
    threads: int | None = None
    jobs: Path | None = None
    keep_hours: float = 24.0
    limits: RequestLimits = RequestLimits()

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise MienError(f"port {self.port}: expected 0 to 65535")
        if self.token is not None and not _is_token(self.token):
            raise MienError(f"token: expected {MIN_TOKEN} or more printable ASCII characters")
        if not 1 <= self.workers <= MAX_WORKERS:
            raise MienError(f"workers {self.workers}: expected 1 to {MAX_WORKERS}")
        if not (self.token or self.insecure or is_loopback(self.host)):
            raise MienError(
                f"host {self.host}: other machines could send images; pass token=..., or insecure=True "
                "to serve everybody who reaches this address"
            )
        for origin in self.allowed_origins:
            if not origin.startswith(("http://", "https://")) or origin.rstrip("/").count("/") != 2:
                raise MienError(f"allowed origin {origin!r}: expected one like https://example.org")
        if not 0 < self.keep_hours < 1e6:
            raise MienError(f"keep_hours {self.keep_hours:g}: expected more than 0")
        if not self.bundles or not self.detectors:
            raise MienError("expected at least one bundle and one detector")

    @property
    def jobs_folder(self) -> Path:
        """Folder of the jobs."""
        return self.jobs or Path(platformdirs.user_state_dir("mien")) / f"serve-{self.port}"


def _is_token(text: str) -> bool:
    """Whether HTTP headers can contain a text as a token."""
    return len(text) >= MIN_TOKEN and text.isascii() and text.isprintable() and text == text.strip()


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is that of this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
