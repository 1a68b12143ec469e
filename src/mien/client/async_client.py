"""`mien.AsyncClient`: the methods of `mien.Client` as coroutines."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from mien.arguments import FLAG, INTEGER, NUMBER, TEXT, checked, optional
from mien.client import calls
from mien.client.answers import Health, Served
from mien.client.base import BaseClient
from mien.client.batches import crops_of, require_images
from mien.client.explanations import CLASSES, RemoteExplanation, point_of
from mien.client.images import require_results
from mien.client.job import AsyncJob
from mien.client.many import send_many_async
from mien.client.videos import VideoLike, video_of
from mien.errors import ImageError, MienError, ServerError
from mien.explanation.registry import DEFAULT
from mien.media.images.reading import ImageLike
from mien.recognition.face import Face, Result
from mien.recognition.sources.items import Failure

if TYPE_CHECKING:
    from mien.client.live import AsyncLiveSession
    from mien.client.sending import AsyncSender


class AsyncClient(BaseClient):
    """Recognizes faces and their expressions on a server of `mien serve`, from an event loop.

    It has the methods of `mien.Client` as coroutines:

        async with mien.AsyncClient("http://127.0.0.1:8000") as client:
            for face in await client("photo.jpg"):
                print(face.label, face.confidence, face.box)

    Images and files are read in threads. The arguments are those of `mien.Client`.
    """

    _sender_kind = "AsyncSender"
    _sender: "AsyncSender"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._sender.close()

    async def __call__(
        self, image: ImageLike, *, boxes: Iterable[Sequence[float]] | None = None, bgr: bool = False
    ) -> tuple[Face, ...]:
        """Return the faces of an image; see `Client.recognize`."""
        return (await self.recognize(image, boxes=boxes, bgr=bgr, keep_image=False)).faces

    @checked(ImageError, bgr=FLAG, keep_image=FLAG)
    async def recognize(
        self,
        image: ImageLike,
        *,
        boxes: Iterable[Sequence[float]] | None = None,
        bgr: bool = False,
        keep_image: bool = True,
    ) -> Result:
        """Return the faces of an image; see `Client.recognize`."""
        make = partial(self._calls.recognize, image, boxes, bgr=bgr, keep_image=keep_image)
        return await self._sender.make(make)

    async def batch(self, images: Iterable[ImageLike], *, bgr: bool = False) -> list[tuple[Face, ...]]:
        """Return the faces of each image, in order; see `Client.batch`."""
        found = self.recognize_many(images, bgr=bgr)
        return [require_results([one])[0].faces async for one in found]

    @checked(ImageError, bgr=FLAG)
    def recognize_many(
        self, images: Iterable[ImageLike], *, bgr: bool = False
    ) -> AsyncGenerator[Result | Failure, None]:
        """Yield a result or a failure for each image, in order; see `Client.recognize_many`."""
        return send_many_async(self._sender, self._calls, require_images(images), bgr=bgr)

    async def classify(self, faces: NDArray[np.uint8]) -> list[Face]:
        """Return the expressions of faces that are cropped already; see `Client.classify`."""
        found = [await self._sender.send(self._calls.crops(parts)) for parts in crops_of(faces)]
        return [face for group in found for result in require_results(group) for face in result.faces]

    @checked(
        ImageError,
        class_name=optional(CLASSES),
        method=TEXT,
        x=optional(NUMBER),
        y=optional(NUMBER),
        bgr=FLAG,
    )
    async def explain(
        self,
        image: ImageLike,
        *,
        class_name: str | Sequence[str] | None = None,
        method: str = DEFAULT,
        x: float | None = None,
        y: float | None = None,
        bgr: bool = False,
    ) -> RemoteExplanation:
        """Return which parts of a face support a class; see `Client.explain`."""
        make = partial(self._calls.explanation, image, class_name, method, point_of(x, y), bgr=bgr)
        return await self._sender.make(make)

    @checked(every=INTEGER, detect_every=INTEGER, smooth=NUMBER, name=optional(TEXT))
    async def submit(
        self,
        video: VideoLike,
        *,
        name: str | None = None,
        every: int = 1,
        detect_every: int = 3,
        smooth: float = 0.5,
    ) -> AsyncJob:
        """Upload a video, which the server processes in the background; see `Client.submit`."""
        given = video_of(video, name)
        options = {"every": every, "detect_every": detect_every, "smooth": smooth}
        call = self._calls.video(given.name, given.body, options)
        return AsyncJob(self._sender, await self._sender.send(call))

    async def stream(
        self, video: VideoLike, *, every: int = 1, detect_every: int = 3, smooth: float = 0.5
    ) -> AsyncGenerator[Result, None]:
        """Yield a result for each frame of a video, once it is processed; see `Client.stream`."""
        job = await self.submit(video, every=every, detect_every=detect_every, smooth=smooth)
        try:
            await job.wait()
            async with aclosing(job.results()) as results:
                async for result in results:
                    yield result
        finally:
            with suppress(MienError):
                await job.remove()

    @checked(ServerError, number=TEXT)
    async def job(self, number: str) -> AsyncJob:
        """Return a job by its `JobStatus.id`; see `Client.job`."""
        return AsyncJob(self._sender, await self._sender.send(calls.job(number)))

    async def jobs(self) -> list[AsyncJob]:
        """Return all jobs of the server, the newest first."""
        return [AsyncJob(self._sender, status) for status in await self._sender.send(calls.jobs())]

    @checked(smooth=NUMBER, detect_every=INTEGER)
    def live(self, *, smooth: float = 0.5, detect_every: int = 1) -> "AsyncLiveSession":
        """Return a session for the frames of a camera, for an `async with` block; see `Client.live`."""
        session: AsyncLiveSession = self._live("AsyncLiveSession", smooth, detect_every)
        return session

    async def bundles(self) -> Served:
        """Return the bundles and detectors of the server."""
        return await self._sender.send(calls.bundles())

    async def health(self) -> Health:
        """Return the state and the version of the server; see `Client.health`."""
        return await self._sender.send(calls.health())

    async def ready(self) -> bool:
        """Return whether the default bundle and detector are open, so requests are answered at once."""
        return await self._sender.send(calls.readiness())

    async def metrics(self) -> str:
        """Return the metrics of the server, in the text format of Prometheus."""
        return await self._sender.send(calls.metrics())
