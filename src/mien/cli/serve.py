"""`mien serve`: the web page, the REST API and the live WebSocket."""

import os
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Group, Parameter

from mien.bundles.defaults import DEFAULT
from mien.cli.option_groups import DETECTION, OUTPUT, RECOGNITION
from mien.cli.tables import message_console

NETWORK: Final = Group("Network", sort_key=1)
LIMITS: Final = Group("Limits", sort_key=2)

TOKEN_VARIABLE: Final = "MIEN_TOKEN"  # noqa: S105 - the name of a variable
"""Environment variable of the token: command lines are visible to all users of a machine."""


def serve(
    *,
    host: Annotated[str, Parameter(group=NETWORK)] = "127.0.0.1",
    port: Annotated[int, Parameter(group=NETWORK)] = 8000,
    token: Annotated[str | None, Parameter(group=NETWORK)] = None,
    insecure: Annotated[bool, Parameter(group=NETWORK)] = False,
    allow_host: Annotated[tuple[str, ...], Parameter(group=NETWORK, show_default=False)] = (),
    allow_origin: Annotated[tuple[str, ...], Parameter(group=NETWORK, show_default=False)] = (),
    bundle: Annotated[tuple[str, ...], Parameter(group=RECOGNITION)] = (DEFAULT, "large"),
    engine: Annotated[str, Parameter(group=RECOGNITION)] = "auto",
    workers: Annotated[int, Parameter(group=RECOGNITION)] = 1,
    threads: Annotated[int | None, Parameter(group=RECOGNITION)] = None,
    detector: Annotated[tuple[str, ...], Parameter(group=DETECTION)] = ("auto", "mtcnn", "whole"),
    detector_model: Annotated[Path | None, Parameter(group=DETECTION)] = None,
    detector_digest: Annotated[str | None, Parameter(group=DETECTION)] = None,
    offline: Annotated[bool, Parameter(group=DETECTION)] = False,
    jobs: Annotated[Path | None, Parameter(group=LIMITS)] = None,
    keep_hours: Annotated[float, Parameter(group=LIMITS)] = 24.0,
    max_megabytes: Annotated[int, Parameter(group=LIMITS)] = 64,
    max_images: Annotated[int, Parameter(group=LIMITS)] = 256,
    max_live: Annotated[int, Parameter(group=LIMITS)] = 16,
    quiet: Annotated[bool, Parameter(group=OUTPUT)] = False,
) -> None:
    """Serve a web page and a REST API, to this machine only unless a host is given.

    The page shows the expressions in the image of a camera and in image files. POST /v1/faces takes images,
    POST /v1/crops cropped faces, /v1/live frames over a WebSocket; GET /openapi.json describes all routes.
    Images are processed in memory; none is stored or logged. Ctrl-C answers the running requests and ends.

    Args:
        host: Address to listen on; one that other machines can reach requires a token.
        port: TCP port; 0 is any free one.
        token: Clients must send it as "Authorization: Bearer TOKEN"; by default MIEN_TOKEN, which other users
            of the machine can't see.
        insecure: Serve everybody who reaches the address, without a token.
        allow_host: Answer requests to this host name, too, such as that of a reverse proxy. May be repeated.
        allow_origin: Pages of this origin, such as https://example.org, may call the API. May be repeated.
        bundle: Name or file of a bundle that requests may choose; the first is the default. May be repeated.
        engine: Runtime of the bundles: auto, onnx, openvino, or that of a plugin.
        workers: Processes that answer requests. Each opens the bundles and has its own limits.
        threads: Images that a process handles at a time, and threads of its engine; by default one per core,
            divided among the processes.
        detector: Name of a detector that requests may choose; the first is the default. May be repeated.
        detector_model: File of YuNet; by default MIEN_YUNET, the cache, or a download.
        detector_digest: SHA-256 of that file, or its first twelve digits or more, if it is another YuNet than
            the one that mien was tested with; by default MIEN_YUNET_SHA256.
        offline: Download nothing.
        jobs: Folder of the videos and results of jobs; by default one per port in the user's state folder.
        keep_hours: Hours for which the results of a video are kept.
        max_megabytes: Size of a request in MB, at most.
        max_images: Images of a request, at most.
        max_live: Live sessions at a time, at most.
        quiet: Print nothing.
    """
    from mien.optional import named_extras
    from mien.runtime.threads import limit_opencv

    with named_extras():
        from mien.serving.options import RequestLimits, ServerOptions
        from mien.serving.server import serve as run

    limit_opencv(threads)
    limits = RequestLimits(body_bytes=max_megabytes << 20, images=max_images, live_sessions=max_live)
    options = ServerOptions(
        host=host, port=port, token=token or os.environ.get(TOKEN_VARIABLE) or None, insecure=insecure,
        allowed_hosts=allow_host, allowed_origins=allow_origin, bundles=bundle, detectors=detector,
        detector_model=detector_model, detector_digest=detector_digest, offline=offline, engine=engine,
        workers=workers, threads=threads, jobs=jobs, keep_hours=keep_hours, limits=limits,
    )  # fmt: skip
    console = message_console()
    page = "; in a browser, open /?token=TOKEN once" if options.token else ""
    run(options, lambda address: None if quiet else console.print(f"mien: {address} (Ctrl-C ends{page})"))
