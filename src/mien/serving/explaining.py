"""Why a face of an image is classified as it is: a map for `POST /v1/explain`."""

from base64 import b64encode
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection
from mien.detection.crops import crop_faces
from mien.errors import ImageError
from mien.explanation.base import Model
from mien.explanation.colors import overlaid, png
from mien.explanation.regions import describe, parts_of
from mien.explanation.registry import BLACK_BOX, DEFAULT, METHODS
from mien.recognition.components import Components
from mien.recognition.detect_and_crop import detect_and_crop
from mien.recognition.sources.items import ImageItem
from mien.serving.problems import Problem

COST: Final = 16
"""Images as which a map counts in the queue: it takes up to 300 predictions of a face, without batching."""

VIEW: Final = 200
"""Side of the image with the map, in pixels."""


@dataclass(frozen=True)
class FaceQuestion:
    """Which face of an image is explained, for which classes, and how.

    Attributes:
        point: A point in pixels of the image: the face whose center is nearest; None is the largest one.
        class_names: The classes; the predicted one if there are none.
        method: One of `BLACK_BOX`.
    """

    point: tuple[float, float] | None = None
    class_names: tuple[str, ...] = ()
    method: str = DEFAULT


def explain_face(components: Components, item: ImageItem, question: FaceQuestion) -> dict[str, Any]:
    """Return the maps of one face of an image, as JSON can represent them; see `ExplanationSchema`.

    Raises:
        MienError: The image can't be read.
        Problem: It has no face, or there is no such class or method.
    """
    metadata, classifier = components.classifier.metadata, components.classifier
    for name in question.class_names:
        _require_known("class", name, metadata.classes)
    _require_known("method", question.method, BLACK_BOX)
    image, crops = detect_and_crop(components, item, keep_image=True)
    if not image.detections or image.image is None:
        raise ImageError(f"{item.source}: no face was found")
    at = _chosen(image.detections, question.point)
    probabilities = classifier.probabilities(crops[at : at + 1])
    (face,) = classifier.faces([image.detections[at]], probabilities)
    names = question.class_names or (face.label,)
    model = Model(metadata.name, metadata.classes, metadata.input_shape, classifier.probabilities)
    targets = np.array([[metadata.classes.index(name) for name in names]], np.int64)
    method = METHODS.get(question.method)()
    (maps,) = method(model, crops[at : at + 1], targets)
    (view,) = crop_faces(image.image, [image.detections[at]], VIEW, image.framing)
    first, *others = (_explained(*pair, view) for pair in zip(names, maps, strict=True))
    return {
        "source": item.source,
        "face": face.to_dict(),
        "method": question.method,
        "unit": method.unit,
        **first,
        "others": others,
    }


def _require_known(what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise Problem("invalid-request", f"{what} {name!r}: expected one of {', '.join(known)}")


def _explained(name: str, saliency: NDArray[np.float32], view: NDArray[np.uint8]) -> dict[str, Any]:
    """Return the map of a class."""
    return {
        "class": name,
        "description": describe(saliency),
        "parts": [asdict(part) for part in parts_of(saliency)],
        "map": [[round(value, 5) for value in row] for row in saliency.tolist()],
        "image": "data:image/png;base64," + b64encode(png(overlaid(view, saliency, VIEW))).decode(),
    }


def _chosen(detections: Sequence[Detection], point: tuple[float, float] | None) -> int:
    boxes = np.array([detection.box for detection in detections], np.float64)
    if point is None:
        return int((boxes[:, 2] * boxes[:, 3]).argmax())
    centers = boxes[:, :2] + boxes[:, 2:] / 2
    return int(((centers - point) ** 2).sum(axis=1).argmin())
