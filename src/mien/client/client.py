"""`mien.Client`: recognition by a server of `mien serve`, with the methods of a recognizer."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
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
from mien.client.job import Job
from mien.client.many import send_many
from mien.client.videos import VideoLike, video_of
from mien.errors import ImageError, MienError, ServerError
from mien.explanation.registry import DEFAULT
from mien.media.images.reading import ImageLike
from mien.recognition.face import Face, Result
from mien.recognition.sources.items import Failure

if TYPE_CHECKING:
    from mien.client.live import LiveSession
    from mien.client.sending import Sender


class Client(BaseClient):
    """Recognizes faces and their expressions on a server of `mien serve`. Thread-safe.

    It has the methods of a recognizer, so code that uses one works with the other:

        with mien.Client("http://127.0.0.1:8000") as client:
            for face in client("photo.jpg"):
                print(face.label, face.confidence, face.box)

    Where a recognizer reads an image, the client sends it: files as they are, pixels as PNG. A busy server is
    asked again after the time that it states.

    Args:
        address: Of the server.
        token: That the server requires, if it does.
        bundle: Name of a bundle of the server; its default by default.
        detector: Name of a detector of the server; its default by default.
        threshold: A face whose confidence is below this value, 0 to 1, is uncertain; the threshold of the
            bundle by default.
        min_face: Faces whose box is less than this many pixels wide or high are ignored.
        max_faces: Only this many faces of each image, the largest ones.
        detector_threshold: Faces to which the detector gives a lower score, 0 to 1, are ignored.
        any_orientation: Images may be turned by 90, 180 or 270 degrees; slower.
        timeout: Seconds without any progress after which a request fails.
        patience: Seconds for which a busy server is asked again, in all; 0 raises its error at once.
        transport: A transport of httpx, for tests and for sockets that have no address.

    Attributes:
        address: Of the server.

    Raises:
        MissingExtraError: httpx2 is not installed.
        MienError: The address, the token or an option is not valid.
    """

    _sender_kind = "Sender"
    _sender: "Sender"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()

    def __call__(
        self, image: ImageLike, *, boxes: Iterable[Sequence[float]] | None = None, bgr: bool = False
    ) -> tuple[Face, ...]:
        """Return the faces of an image; see `recognize`."""
        return self.recognize(image, boxes=boxes, bgr=bgr, keep_image=False).faces

    @checked(ImageError, bgr=FLAG, keep_image=FLAG)
    def recognize(
        self,
        image: ImageLike,
        *,
        boxes: Iterable[Sequence[float]] | None = None,
        bgr: bool = False,
        keep_image: bool = True,
    ) -> Result:
        """Return the faces of an image, from left to right, as a result that can be plotted.

        Args:
            image: A path, the bytes of a file, a file opened with "rb", a Pillow image, or an array
                (height, width) or (height, width, 3 or 4): gray, RGB or RGBA.
            boxes: Boxes of the faces: left, top, width and height of each, in pixels of the upright
                image. No detector runs then, and the faces are in the order of the boxes.
            bgr: The channels of the array are in OpenCV's order.
            keep_image: Put the image into the result; `Result.plot` needs it.

        Raises:
            ImageError: The image can't be read.
            DetectorError: One of `boxes` isn't a box.
            ServerError: The server can't be reached, or refuses the request.
        """
        return self._sender.send(self._calls.recognize(image, boxes, bgr=bgr, keep_image=keep_image))

    @checked(ImageError, bgr=FLAG)
    def batch(self, images: Iterable[ImageLike], *, bgr: bool = False) -> list[tuple[Face, ...]]:
        """Return the faces of each image, in order. The first one that can't be read ends the call.

        Args:
            images: As for a single one; may be a generator of many.
            bgr: The channels of those that are arrays are in OpenCV's order.

        Raises:
            ImageError: An image can't be read; the message names it.
            ServerError: The server can't be reached, or refuses a request.
        """
        found = self.recognize_many(images, bgr=bgr)
        return [require_results([one])[0].faces for one in found]

    @checked(ImageError, bgr=FLAG)
    def recognize_many(
        self, images: Iterable[ImageLike], *, bgr: bool = False
    ) -> Generator[Result | Failure, None, None]:
        """Yield a result for each image, in order, or a failure for one that can't be read.

        Several images are in a request, and several requests are in progress; memory holds a few images at a
        time. Close the generator to end early.

        Args:
            images: As for a single one; may be a generator of many.
            bgr: The channels of those that are arrays are in OpenCV's order.

        Raises:
            ServerError: The server can't be reached, or refuses a request.
        """
        return send_many(self._sender, self._calls, require_images(images), bgr=bgr)

    def classify(self, faces: NDArray[np.uint8]) -> list[Face]:
        """Return the expressions of faces that are cropped already.

        Args:
            faces: uint8, gray (n, size, size) or RGB (n, size, size, 3); n may be 0.

        Raises:
            ImageError: It isn't such an array.
            ServerError: The server can't be reached, or refuses a request.
        """
        found = [self._sender.send(self._calls.crops(parts)) for parts in crops_of(faces)]
        return [face for group in found for result in require_results(group) for face in result.faces]

    @checked(
        ImageError,
        class_name=optional(CLASSES),
        method=TEXT,
        x=optional(NUMBER),
        y=optional(NUMBER),
        bgr=FLAG,
    )
    def explain(
        self,
        image: ImageLike,
        *,
        class_name: str | Sequence[str] | None = None,
        method: str = DEFAULT,
        x: float | None = None,
        y: float | None = None,
        bgr: bool = False,
    ) -> RemoteExplanation:
        """Return which parts of a face support a class, and which speak against it, by the server.

        It takes the server as long as some hundred faces, for one class or several.

        Args:
            image: As for `recognize`.
            class_name: The class to explain, or a list: the first one is explained, the further ones are in
                `others`; the predicted one by default.
            method: "rise" or "occlusion"; see `mien.explain`. Gradients need a run, which a server lacks.
            x: With `y`, in pixels of the upright image: the face nearest to this point; the largest face by
                default.
            y: See `x`.
            bgr: The channels of the array are in OpenCV's order.

        Raises:
            ImageError: The image can't be read, shows no face, or only one of `x` and `y` is given.
            ServerError: The server can't be reached, or refuses the request.
        """
        point = point_of(x, y)
        return self._sender.send(self._calls.explanation(image, class_name, method, point, bgr=bgr))

    @checked(every=INTEGER, detect_every=INTEGER, smooth=NUMBER, name=optional(TEXT))
    def submit(
        self,
        video: VideoLike,
        *,
        name: str | None = None,
        every: int = 1,
        detect_every: int = 3,
        smooth: float = 0.5,
    ) -> Job:
        """Upload a video, which the server processes in the background.

        Args:
            video: A path, the bytes of a file, or a file opened with "rb".
            name: Source of the results; the file name by default.
            every: Process each n-th frame only.
            detect_every: Run the detector on each n-th frame, and track faces in between.
            smooth: Time constant in seconds of the smoothing of probabilities; 0 is off.

        Raises:
            ImageError: There is no such video.
            ServerError: The server can't be reached, or refuses the request.
        """
        given = video_of(video, name)
        options = {"every": every, "detect_every": detect_every, "smooth": smooth}
        return Job(self._sender, self._sender.send(self._calls.video(given.name, given.body, options)))

    def stream(
        self, video: VideoLike, *, every: int = 1, detect_every: int = 3, smooth: float = 0.5
    ) -> Generator[Result, None, None]:
        """Yield a result for each frame of a video, once the server has processed it.

        The job is removed at the end. Close the generator to end early; a job that runs is canceled.

        Args:
            video: As `submit` takes it.
            every: As for `submit`.
            detect_every: As for `submit`.
            smooth: As for `submit`.

        Raises:
            ImageError: There is no such video.
            ServerError: The server can't be reached, or can't read the video.
        """
        job = self.submit(video, every=every, detect_every=detect_every, smooth=smooth)
        try:
            job.wait()
            yield from job.results()
        finally:
            with suppress(MienError):
                job.remove()

    @checked(ServerError, number=TEXT)
    def job(self, number: str) -> Job:
        """Return a job by its `JobStatus.id`, for example after a restart of this program.

        Raises:
            ServerError: There is none, or the server can't be reached.
        """
        return Job(self._sender, self._sender.send(calls.job(number)))

    def jobs(self) -> list[Job]:
        """Return all jobs of the server, the newest first."""
        return [Job(self._sender, status) for status in self._sender.send(calls.jobs())]

    @checked(smooth=NUMBER, detect_every=INTEGER)
    def live(self, *, smooth: float = 0.5, detect_every: int = 1) -> "LiveSession":
        """Return a session for the frames of a camera, for a `with` block.

            with client.live() as live:
                result = live.recognize(frame)

        Args:
            smooth: Time constant in seconds of the smoothing of probabilities; 0 is off.
            detect_every: Run the detector on each n-th frame, and track faces in between.

        Raises:
            MissingExtraError: The package websockets is not installed.
            ServerError: The server can't be reached, or has too many sessions.
        """
        session: LiveSession = self._live("LiveSession", smooth, detect_every)
        return session

    def bundles(self) -> Served:
        """Return the bundles and detectors of the server."""
        return self._sender.send(calls.bundles())

    def health(self) -> Health:
        """Return the state and the version of the server.

        Raises:
            ServerError: It can't be reached.
        """
        return self._sender.send(calls.health())

    def ready(self) -> bool:
        """Return whether the default bundle and detector are open, so requests are answered at once."""
        return self._sender.send(calls.readiness())

    def metrics(self) -> str:
        """Return the metrics of the server, in the text format of Prometheus."""
        return self._sender.send(calls.metrics())
