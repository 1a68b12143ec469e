"""Speed of `mien serve`, compared with `mien predict` on the same images.

    python benchmarks/serve.py [--yunet FILE] [--bundle NAME] [--images N] [--rounds N] [-o FOLDER]

Prints a Markdown table and writes `serve.json`. Each round measures `mien predict`, then the server: with
1, 8 and 64 clients that send one image of 640x480 in each request and wait for the answer, and with
`mien.Client.batch`. The ratios are medians of those of each round, so a load of the machine affects both
sides. Starting is excluded on both sides. CPU time (user and system) of the server for an image depends
less on what else the machine computes; that of the clients, which share the cores, is not in it. A single
client that waits for each answer keeps one core busy, `mien predict` all of them. A live session then sends
30 frames a second.

The API of deepface is not measured.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

from speed import DISTINCT, run_cost, scene, write_images

import mien

CLIENTS = (1, 8, 64)
FRAMES_A_SECOND, FRAMES = 30, 300
TICKS = os.sysconf("SC_CLK_TCK")
BOUNDARY = "mien-benchmark"


def main() -> None:
    """Measure, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--yunet", type=Path, default=os.environ.get("MIEN_YUNET"), help="YuNet's ONNX file")
    parser.add_argument("--bundle", default="small", help="name or file of a bundle")
    parser.add_argument("--images", type=int, default=600, help="images of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions")
    parser.add_argument("-o", "--output", type=Path, default=Path(), help="folder of serve.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(options, Path(folder)) as server:
        images = write_images(Path(folder) / "images", options.images)
        rounds = [measure(server, options, images) for _ in range(options.rounds)]
        rows = [*summary(rounds), *live(server)]
    print("| what | figure | unit |\n|---|---:|---|")
    for row in rows:
        print(f"| {row.what} | {row.figure:.3g} | {row.unit} |")
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "serve.json").write_text(json.dumps([row._asdict() for row in rows], indent=2) + "\n")


class Row(NamedTuple):
    """A figure."""

    what: str
    figure: float
    unit: str


class Server(NamedTuple):
    """A running server."""

    address: str
    pid: int

    def cpu(self) -> float:
        """Return its CPU seconds so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


class Load(NamedTuple):
    """Images per second, CPU milliseconds for an image, and latencies of the requests in milliseconds."""

    rate: float
    cpu: float
    latencies: Sequence[float]


def detector_words(options: argparse.Namespace) -> list[str]:
    """Return the options of the commands that choose the detector."""
    if options.yunet:
        return ["--detector", "yunet", "--detector-model", str(options.yunet)]
    return ["--detector", "mtcnn"]


@contextmanager
def serving(options: argparse.Namespace, folder: Path) -> Iterator[Server]:
    """Run a server until the end of the block."""
    words = [sys.executable, "-m", "mien", "serve", "--port", "0", "--bundle", options.bundle]
    words += ["--jobs", str(folder / "jobs"), *detector_words(options)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=os.environ | {"MIEN_TOKEN": ""})
    try:
        address = process.stderr.readline().split()[1]
        with mien.Client(address) as client:
            while not client.ready():
                time.sleep(0.1)
            client(scene(0))
        yield Server(address, process.pid)
    finally:
        process.terminate()
        process.wait()


def measure(server: Server, options: argparse.Namespace, images: Path) -> dict[str, Load]:
    """Measure `mien predict` and the server once."""
    loads = {"mien predict": predict(options, images)}
    contents = [path.read_bytes() for path in sorted(images.iterdir())]
    requests = [request(server, content) for content in contents[:DISTINCT]]
    for number in CLIENTS:
        name = f"{number} client" + ("s" if number > 1 else "")
        loads[name] = asyncio.run(over_http(server, requests, len(contents), number))
    loads["mien.Client.batch"] = over_client(server, contents)
    return loads


def predict(options: argparse.Namespace, images: Path) -> Load:
    """Measure `mien predict`, without its start."""
    words = ["--bundle", options.bundle, *detector_words(options), "--quiet"]
    words += ["--output", str(images.parent / "out.jsonl"), "--force"]
    one = run_cost("predict", str(next(images.iterdir())), *words)
    many = run_cost("predict", str(images), *words)
    number = len(list(images.iterdir())) - 1
    return Load(number / (many.seconds - one.seconds), 1000 * (many.cpu - one.cpu) / number, [])


def request(server: Server, content: bytes) -> bytes:
    """Return the bytes of a request with one image."""
    part = 'Content-Disposition: form-data; name="files"; filename="image.jpg"\r\nContent-Type: image/jpeg'
    body = f"--{BOUNDARY}\r\n{part}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    head = (
        f"POST /v1/faces HTTP/1.1\r\nHost: {urlsplit(server.address).netloc}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def over_http(server: Server, requests: Sequence[bytes], number: int, clients: int) -> Load:
    """Send images from several clients at the same time, each the next one when it has its answer."""
    latencies: list[float] = []
    left = iter(range(number))

    async def client() -> None:
        parts = urlsplit(server.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for at in left:
            began = time.perf_counter()
            writer.write(requests[at % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(int(length.split(b":")[1]))
            latencies.append(1000 * (time.perf_counter() - began))
        writer.close()

    began, cpu = time.perf_counter(), server.cpu()
    await asyncio.gather(*[client() for _ in range(clients)])
    seconds = time.perf_counter() - began
    return Load(number / seconds, 1000 * (server.cpu() - cpu) / number, latencies)


def over_client(server: Server, contents: Sequence[bytes]) -> Load:
    """Send all images with the Python client."""
    with mien.Client(server.address) as client:
        began, cpu = time.perf_counter(), server.cpu()
        client.batch(contents)
        seconds = time.perf_counter() - began
    return Load(len(contents) / seconds, 1000 * (server.cpu() - cpu) / len(contents), [])


def summary(rounds: Sequence[dict[str, Load]]) -> Iterator[Row]:
    """Yield the medians of all rounds."""
    for name in rounds[0]:
        loads = [one[name] for one in rounds]
        yield Row(name, median(load.rate for load in loads), "images/s")
        yield Row(name, median(load.cpu for load in loads), "CPU ms/image")
        if name != "mien predict":
            ratios = [one[name].rate / one["mien predict"].rate for one in rounds]
            yield Row(name, 100 * median(ratios), "% of the images/s of mien predict")
            ratios = [one[name].cpu / one["mien predict"].cpu for one in rounds]
            yield Row(name, 100 * median(ratios), "% of the CPU time of mien predict")
        if loads[0].latencies:
            found = sorted(value for load in loads for value in load.latencies)
            yield Row(name, percentile(found, 50), "ms, p50")
            yield Row(name, percentile(found, 99), "ms, p99")


def live(server: Server) -> Iterator[Row]:
    """Yield the figures of a live session: each from before a frame is encoded until its result is there."""
    frames = [scene(number // FRAMES_A_SECOND, number % FRAMES_A_SECOND) for number in range(FRAMES)]
    sent, latencies = dict[int, float](), list[float]()
    with mien.Client(server.address) as client, client.live() as session:

        def receive() -> None:
            with suppress(mien.ServerError):  # the session ends
                while True:
                    frame = session.receive().frame
                    latencies.append(1000 * (time.perf_counter() - sent[frame]))

        receiver = threading.Thread(target=receive)
        receiver.start()
        began, cpu = time.perf_counter(), server.cpu()
        for number, frame in enumerate(frames):
            time.sleep(max(0.0, began + number / FRAMES_A_SECOND - time.perf_counter()))
            sent[number] = time.perf_counter()
            session.send(frame, bgr=True)
        time.sleep(1)
        seconds = time.perf_counter() - began - 1
        spent = 1000 * (server.cpu() - cpu) / max(1, len(latencies))
    receiver.join()
    name = f"live, {FRAMES_A_SECOND} frames/s of 640x480"
    latencies.sort()
    yield Row(name, len(latencies) / seconds, "results/s")
    yield Row(name, spent, "CPU ms/result")
    yield Row(name, percentile(latencies, 50), "ms, p50")
    yield Row(name, percentile(latencies, 99), "ms, p99")


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile of sorted values."""
    return values[min(len(values) - 1, round(share / 100 * (len(values) - 1)))]


if __name__ == "__main__":
    main()
