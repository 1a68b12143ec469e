"""Many images in several requests."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.client.images import Part, part_of, part_or_failure
from mien.errors import ImageError
from mien.media.images.reading import ImageLike, is_one_image
from mien.recognition.face import Result
from mien.recognition.sources.items import Failure

GROUP: Final = 8
"""Images that are read together, and sent in one request if they are not large."""

CROPS: Final = 128
"""Crops of a request."""

IN_FLIGHT: Final = 4
"""Groups of images that are read, sent or answered at a time."""

Numbered = tuple[int, ImageLike]


def require_images(images: Iterable[ImageLike]) -> Iterable[ImageLike]:
    """Return several images, after a check that they are several.

    Raises:
        ImageError: It is a single image.
    """
    if is_one_image(images):
        raise ImageError("expected a list of images; for one image, call the client itself")
    return images


def groups_of(images: Iterable[ImageLike]) -> Iterator[list[Numbered]]:
    """Yield images with their numbers, from 1, in groups."""
    numbered = enumerate(images, 1)
    while group := list(islice(numbered, GROUP)):
        yield group


def parts_of(group: Sequence[Numbered], *, bgr: bool) -> list[Part | Failure]:
    """Return the images of a group as parts of requests, or why they can't be read."""
    return [part_or_failure(image, number, bgr=bgr) for number, image in group]


def merged(parts: Sequence[Part | Failure], found: Iterable[Result | Failure]) -> list[Result | Failure]:
    """Return the results of those parts that were sent, with the failures of others, in order."""
    rest = iter(found)
    return [one if isinstance(one, Failure) else next(rest) for one in parts]


def crops_of(faces: NDArray[np.uint8]) -> Iterator[list[Part]]:
    """Yield cropped faces as parts, for one request each time.

    Raises:
        ImageError: They are not uint8 (n, size, size) or (n, size, size, 3).
    """
    from mien.recognition.arguments import require_faces

    numbered = enumerate(require_faces(faces), 1)
    while group := list(islice(numbered, CROPS)):
        yield [part_of(face, number) for number, face in group]
