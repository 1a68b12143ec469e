"""The metrics of a server, for Prometheus.

The worker processes of a server add up their metrics by files in a folder, which the environment variable
PROMETHEUS_MULTIPROC_DIR names (`mien.serving.workers` sets it).
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of durations."""


class Metrics:
    """Counters of one server, in a registry of their own.

    Attributes:
        requests: By method, route and status.
        seconds: Duration of requests by route.
        stages: Duration of "detect" (reading, detecting and cropping an image) and "classify" (a batch).
        batches: Faces of each call of the network.
        images: Images by outcome, "recognized" or "unreadable".
        faces: Recognized faces.
        pending: Images that are processed or wait.
        live: Open live sessions.
        frames: Frames of live sessions, "processed" or "dropped" for a newer one.
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "mien_requests", "Answered requests.", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "mien_request_seconds", "Duration of requests.", ["route"], registry=registry, buckets=SECONDS
        )
        self.stages = Histogram(
            "mien_stage_seconds", "Duration of stages.", ["stage"], registry=registry, buckets=SECONDS
        )
        self.batches = Histogram(
            "mien_batch_faces", "Faces of a batch.", registry=registry, buckets=(1, 2, 4, 8, 16, 32, 64, 128)
        )
        self.images = Counter("mien_images", "Images by outcome.", ["outcome"], registry=registry)
        self.faces = Counter("mien_faces", "Recognized faces.", registry=registry)
        self.pending = Gauge(
            "mien_pending_images", "Images that are processed or wait.", registry=registry,
            multiprocess_mode="livesum",
        )  # fmt: skip
        self.live = Gauge(
            "mien_live_sessions", "Open live sessions.", registry=registry, multiprocess_mode="livesum"
        )
        self.frames = Counter("mien_live_frames", "Frames by outcome.", ["outcome"], registry=registry)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.stages.labels(name).observe(time.perf_counter() - began)

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus, summed over the processes of the server."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
