"""Images and videos of drawn people, for the images and the code blocks of the documentation."""

from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.data.synthetic import generate_faces
from mien.labels import EMOTIONS

SIDE: Final = 240
"""Side of a face with its surroundings, in pixels."""

FADE: Final = 0.12
"""Part of the radius in which a face fades into the scene."""

Person = tuple[str, int]
"""An emotion, and a seed whose face of it is classified clearly."""

ANGRY, DISGUST, FEAR, HAPPY, SAD = ("angry", 10), ("disgust", 35), ("fear", 26), ("happy", 18), ("sad", 9)
SURPRISE, NEUTRAL, UNCERTAIN = ("surprise", 29), ("neutral", 43), ("angry", 15)


def face(emotion: str, seed: int, side: int = SIDE) -> NDArray[np.uint8]:
    """Return a synthetic face, RGB uint8 (side, side, 3)."""
    faces = generate_faces(len(EMOTIONS), seed=seed, size=side, channels=3)
    return faces.images[faces.labels == EMOTIONS.index(emotion)][0]


def scene(*people: tuple[Person, int, int], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return an image, RGB uint8 (height, width, 3), of people with the left and top of each."""
    width, height = size
    light = np.linspace(225, 165, height)[:, None, None] + np.array([-8, 0, 8])
    image = np.broadcast_to(light, (height, width, 3)).copy()
    opacity = _opacity()
    for person, left, top in people:
        part = image[top : top + SIDE, left : left + SIDE]
        part[:] = opacity * face(*person) + (1 - opacity) * part
    return np.asarray(cv2.GaussianBlur(image.clip(0, 255).astype(np.uint8), (3, 3), 0))


def _opacity() -> NDArray[np.float64]:
    """Return the opacity of a face in a scene, (SIDE, SIDE, 1): 1 inside, 0 at the edges, round corners."""
    across = np.linspace(-1, 1, SIDE) ** 6
    radius = (across[:, None] + across[None, :]) ** (1 / 6)
    return np.clip((1 - radius) / FADE, 0, 1)[:, :, None]


def write(path: Path, image: NDArray[np.uint8]) -> Path:
    """Write an RGB image."""
    Image.fromarray(image).save(path)
    return path


def photo(path: Path = Path("photo.jpg")) -> Path:
    """Write a scene of four people, the third of whom is uncertain."""
    people = (HAPPY, SURPRISE, UNCERTAIN, SAD)
    places = [(person, 10 + 245 * column, 15) for column, person in enumerate(people)]
    return write(path, scene(*places, size=(1000, 440)))


def portrait(path: Path, person: Person) -> Path:
    """Write a scene of one person."""
    return write(path, scene((person, 52, 9), size=(344, 258)))


def talk(path: Path = Path("talk.mp4")) -> Path:
    """Write a video of 20 seconds with two people, the second of whom comes later."""
    first = (NEUTRAL, HAPPY, HAPPY, SURPRISE, NEUTRAL)
    second = (None, SAD, ANGRY, SURPRISE, HAPPY)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 560, 280, "yuv420p"
        for one, other in zip(first, second, strict=True):
            places = [(person, left, 20) for person, left in ((one, 20), (other, 300)) if person is not None]
            image = scene(*places, size=(560, 280))
            for _ in range(40):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode(None))
    return path


def film(path: Path) -> Path:
    """Write a raw film, of which Chromium makes a camera: one person whose expression changes."""
    frames = []
    for person in (HAPPY, NEUTRAL, SURPRISE, FEAR):
        image = scene((person, 200, 110), size=(640, 440))
        planes = cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420).tobytes()
        frames.append((b"FRAME\n" + planes) * 50)
    path.write_bytes(b"YUV4MPEG2 W640 H440 F10:1 Ip A1:1 C420jpeg\n" + b"".join(frames))
    return path
