"""The faces that are explained: of images, folders, data sets and arrays, cropped as the model gets them."""

import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.detection.crops import crop_faces
from mien.errors import ImageError, MienError
from mien.faceset import FaceSet
from mien.media.images.resize import resize
from mien.recognition.components import Classifier, Components
from mien.recognition.detect_and_crop import detect_and_crop
from mien.recognition.sources.finding import find_inputs
from mien.recognition.sources.items import FaceRows, FaceTable, Failure, ImageItem, Item, VideoItem
from mien.recognition.sources.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW: Final = 192
"""Side in pixels of the squares that are shown; smaller faces are enlarged."""


@dataclass
class CollectedFaces:
    """Faces of images, in order.

    Attributes:
        crops: uint8, (size, size) or (size, size, 3) each, as the model takes them.
        views: The same squares in more pixels.
        sources: Path or name of the image of each face.
        boxes: Left, top, width and height of each.
        failures: Why images could not be read, one line each.
        images: Number of images that were read.
        is_limited: There may be more faces.
    """

    crops: list[NDArray[np.uint8]] = field(default_factory=list)
    views: list[NDArray[np.uint8]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    boxes: list[tuple[float, ...]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    images: int = 0
    is_limited: bool = False

    def __len__(self) -> int:
        return len(self.crops)


def items_of_images(images: Any) -> tuple[Iterator[Item | FaceRows], bool]:  # noqa: ANN401 - see `mien.explain`
    """Return the items of what `mien.explain` takes, and whether any of them needs a detector.

    Raises:
        ImageError: A path refers to nothing.
    """
    if isinstance(images, FaceSet):
        return iter([FaceRows([str(one) for one in images.ids], images.images)]), False
    if _is_path(images):
        found = find_inputs([os.fspath(images)], io.BytesIO())
        return iter(found), found.needs_detector
    if isinstance(images, list | tuple) and images and all(map(_is_path, images)):
        found = find_inputs([os.fspath(one) for one in images], io.BytesIO())
        return iter(found), found.needs_detector
    return _items_of_list(images), True


def _items_of_list(images: Any) -> Iterator[Item | FaceRows]:  # noqa: ANN401 - see `mien.explain`
    if not (isinstance(images, list | tuple) or _is_iterator(images)):
        yield ImageItem("image", images)
        return
    for number, image in enumerate(images, 1):
        if _is_path(image):
            yield from find_inputs([os.fspath(image)], io.BytesIO())
        else:
            yield ImageItem(f"image {number}", image)


def _is_path(image: object) -> bool:
    return isinstance(image, str | os.PathLike)


def collect_faces(
    components: Components,
    items: Iterable[Item | FaceRows],
    limit: int,
    notice: "Callable[[str], None]",
) -> CollectedFaces:
    """Return the faces of items, `limit` at most.

    Args:
        components: Detects and crops them.
        items: Read one at a time.
        limit: Number of faces.
        notice: Called with remarks of the readers of data sets.
    """
    found = CollectedFaces()
    for item in items:
        if len(found) >= limit:
            found.is_limited = True
            break
        if isinstance(item, FaceTable):
            metadata = components.classifier.metadata
            for part in read_table(item, metadata.size, metadata.channels, notice, components.threads):
                _add(found, components, part, limit)
        else:
            _add(found, components, item, limit)
    return found


def _add(
    found: CollectedFaces,
    components: Components,
    item: ImageItem | VideoItem | Failure | FaceRows,
    limit: int,
) -> None:
    if isinstance(item, VideoItem):
        found.failures.append(f"{item.source}: a video; only faces of images are explained")
    elif isinstance(item, Failure):
        found.failures.append(item.message)
    elif isinstance(item, FaceRows):
        _add_rows(found, components.classifier, item, limit)
    else:
        try:
            _add_image(found, components, item, limit)
        except MienError as error:
            found.failures.append(Failure.of(item.source, error).message)


def _add_image(found: CollectedFaces, components: Components, item: ImageItem, limit: int) -> None:
    image, crops = detect_and_crop(components, item, keep_image=True)
    if image.image is None:
        raise ImageError(f"{item.source}: its pixels were not kept")
    found.images += 1
    views = crop_faces(
        image.image, image.detections, max(VIEW, components.classifier.metadata.size), image.framing
    )
    for detection, crop, view in zip(image.detections, crops, views, strict=True):
        _keep(found, limit, crop, view, item.source, tuple(detection.box))


def _add_rows(found: CollectedFaces, classifier: Classifier, rows: FaceRows, limit: int) -> None:
    found.images += len(rows)
    some = rows.faces[: limit - len(found) + 1]
    for source, face, crop in zip(rows.sources, some, classifier.inputs(some), strict=False):
        height, width = face.shape[:2]
        _keep(
            found,
            limit,
            crop,
            resize(face, max(VIEW, len(crop))),
            source,
            (0.0, 0.0, float(width), float(height)),
        )


def _keep(
    found: CollectedFaces,
    limit: int,
    crop: NDArray[np.uint8],
    view: NDArray[np.uint8],
    source: str,
    box: tuple[float, ...],
) -> None:
    if len(found) >= limit:
        found.is_limited = True
        return
    found.crops.append(crop)
    found.views.append(view)
    found.sources.append(source)
    found.boxes.append(box)


def _is_iterator(images: object) -> bool:
    """Whether it is a generator or the like; files and arrays, which can be iterated too, are images."""
    return isinstance(images, Iterator) and not isinstance(images, io.IOBase)
