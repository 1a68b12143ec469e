"""The three networks of MTCNN: from an image to boxes, scores and landmarks (Zhang et al. 2016).

The first one (P-Net) proposes windows in a pyramid of images, the second one (R-Net) rejects most of
them, and the third one (O-Net) scores the others and adds landmarks. Each also refines the boxes.

The networks were converted such that the first spatial axis is x. So the image is transposed once, and an
axis, a coordinate and a column of a box all have the order x, y.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.detection.candidates import Candidates, no_candidates
from mien.detection.nms import non_maximum_suppression
from mien.runtime.base import Graph
from mien.runtime.opening import open_graph

SCALE_STEP: Final = 0.709
"""Ratio of the sizes of two levels of the pyramid: the area halves."""

THRESHOLDS: Final = (0.6, 0.7, 0.85)
"""Score from which a window is kept, by network; the last one makes it a face. It is 0.7 in most
implementations: between the two were 1 % of FER2013's faces and most of the false boxes
(docs/lab-notebook.md, 2026-11-27)."""

WINDOW, STRIDE = 12, 2
"""Side of a window of the first network, and distance of two of them, in pixels of its level."""

SIDES: Final = (24, 48)
"""Sides of the inputs of the second and the third network."""

LEVEL_OVERLAP: Final = 0.5
OVERLAP: Final = 0.7

MAX_WINDOWS: Final = 2000
"""Windows with the highest scores that the second network gets; bounds the cost of images of fine texture."""

BATCH: Final = 128
"""Windows in a batch; bounds memory."""

OUTPUTS: Final = {
    "pnet": ("softmax", "conv2d_4"),
    "rnet": ("softmax_1", "dense_2"),
    "onet": ("softmax_2", "dense_5", "dense_6"),
}
"""Outputs of each network: scores, offsets of the box, landmarks."""

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float64]
"""(n, 4): left, top, right, bottom."""


class MtcnnNetworks:
    """Finds faces in an image of any size. Thread-safe.

    Args:
        graphs: The networks by the names of `mien.detection.mtcnn.files.DIGESTS`.
        threshold: Score from which a window is a face, 0 to 1.
    """

    def __init__(self, graphs: Mapping[str, Graph], *, threshold: float = THRESHOLDS[2]) -> None:
        self._first, self._second, self._third = graphs["pnet"], graphs["rnet"], graphs["onet"]
        self._threshold = threshold

    def __call__(self, image: Pixels, min_face: float) -> Candidates:
        """Return the faces of an RGB image; they may reach over its border. See `FindFaces`."""
        pixels = np.ascontiguousarray(image.transpose(1, 0, 2))
        return self._located(pixels, self._refined(pixels, self._proposed(pixels, min_face)))

    def _proposed(self, pixels: Pixels, min_face: float) -> Boxes:
        """Return the windows of the first network in all levels of the pyramid, as squares."""
        levels = [self._level(pixels, scale) for scale in scales(min(pixels.shape[:2]), min_face)]
        if not levels:
            return np.empty((0, 4))
        boxes, scores, offsets = (np.concatenate(parts) for parts in zip(*levels, strict=True))
        kept = non_maximum_suppression(boxes, scores, OVERLAP, "union")[:MAX_WINDOWS]
        return squares(moved(boxes[kept], offsets[kept]))

    def _level(self, pixels: Pixels, scale: float) -> tuple[Boxes, NDArray[Any], NDArray[Any]]:
        """Return the windows (n, 4) in one level of the pyramid, their scores (n,) and offsets (n, 4)."""
        across, down = (int(np.ceil(side * scale)) for side in pixels.shape[:2])
        level = np.asarray(cv2.resize(pixels, (down, across), interpolation=cv2.INTER_AREA), np.uint8)
        scores, offsets = _run(self._first, _normalized(level)[None], OUTPUTS["pnet"])
        at = np.argwhere(scores[0, ..., 1] >= THRESHOLDS[0])
        ratio = np.tile((pixels.shape[0] / across, pixels.shape[1] / down), 2)
        boxes = np.hstack([STRIDE * at, STRIDE * at + WINDOW]) * ratio
        score, offset = scores[0, at[:, 0], at[:, 1], 1], offsets[0, at[:, 0], at[:, 1]]
        kept = non_maximum_suppression(boxes, score, LEVEL_OVERLAP, "union")[:MAX_WINDOWS]
        return boxes[kept], score[kept], offset[kept]

    def _refined(self, pixels: Pixels, boxes: Boxes) -> Boxes:
        """Return the windows that the second network keeps, as squares."""
        if not len(boxes):
            return boxes
        scores, offsets = self._batches(self._second, pixels, boxes, SIDES[0], OUTPUTS["rnet"])
        passed = np.flatnonzero(scores[:, 1] > THRESHOLDS[1])
        kept = passed[non_maximum_suppression(boxes[passed], scores[passed, 1], OVERLAP, "union")]
        return squares(moved(boxes[kept], offsets[kept]))

    def _located(self, pixels: Pixels, boxes: Boxes) -> Candidates:
        """Return the faces that the third network finds in the windows."""
        if not len(boxes):
            return no_candidates()
        scores, offsets, points = self._batches(self._third, pixels, boxes, SIDES[1], OUTPUTS["onet"])
        passed = np.flatnonzero(scores[:, 1] > self._threshold)
        found, score = moved(boxes[passed], offsets[passed]), scores[passed, 1]
        # Five x, then five y, in sides of the window.
        landmarks = points[passed].reshape(-1, 2, 5).transpose(0, 2, 1) * _sides(boxes[passed])[:, None]
        landmarks += boxes[passed, None, :2]
        kept = non_maximum_suppression(found, score, OVERLAP, "smaller")
        return Candidates(found[kept].astype(np.float32), score[kept], landmarks[kept].astype(np.float32))

    def _batches(
        self, graph: Graph, pixels: Pixels, boxes: Boxes, side: int, names: tuple[str, ...]
    ) -> list[NDArray[np.float32]]:
        parts = [
            _run(graph, _normalized(windows(pixels, boxes[start : start + BATCH], side)), names)
            for start in range(0, len(boxes), BATCH)
        ]
        return [np.concatenate(some) for some in zip(*parts, strict=True)]


def open_mtcnn(contents: Mapping[str, bytes], threads: int = 1) -> dict[str, Graph]:
    """Return the graphs of the files, executed by ONNX Runtime: each image has other sizes.

    Raises:
        Exception: A file can't be run.
    """
    return {
        name: open_graph(content, engine="onnx", threads=threads, spinning=False)
        for name, content in contents.items()
    }


def scales(shortest: int, min_face: float) -> Iterator[float]:
    """Yield the scale of each level of the pyramid of an image whose shorter side is `shortest` pixels."""
    scale = WINDOW / min_face
    while shortest * scale >= WINDOW:
        yield scale
        scale *= SCALE_STEP


def moved(boxes: Boxes, offsets: NDArray[np.floating]) -> Boxes:
    """Return boxes (n, 4) whose borders are moved by offsets (n, 4), in sides of the boxes."""
    return np.asarray(boxes + offsets * np.tile(_sides(boxes), 2))


def squares(boxes: Boxes) -> Boxes:
    """Return squares of whole pixels around the same centers, as long as the longer side of each box."""
    centers, half = (boxes[:, :2] + boxes[:, 2:]) / 2, _sides(boxes).max(1, keepdims=True) / 2
    start = np.rint(centers - half)
    return np.hstack([start, start + np.maximum(np.rint(2 * half), 1)])


def windows(pixels: Pixels, boxes: Boxes, side: int) -> Pixels:
    """Return the image in each box (n, 4), uint8 (n, side, side, 3); beyond its border it is black."""
    found = np.empty((len(boxes), side, side, 3), np.uint8)
    for window, corners in zip(found, boxes.astype(int).tolist(), strict=True):
        window[:] = cv2.resize(_cut(pixels, *corners), (side, side), interpolation=cv2.INTER_AREA)
    return found


def _cut(pixels: Pixels, left: int, top: int, right: int, bottom: int) -> Pixels:
    """Return a part of the image; all axes are in the order x, y."""
    across, down = pixels.shape[:2]
    inside = pixels[max(left, 0) : max(right, 0), max(top, 0) : max(bottom, 0)]
    if left >= 0 and top >= 0 and right <= across and bottom <= down:
        return inside
    part = np.zeros((right - left, bottom - top, 3), np.uint8)
    x, y = max(-left, 0), max(-top, 0)
    part[x : x + inside.shape[0], y : y + inside.shape[1]] = inside
    return part


def _sides(boxes: Boxes) -> NDArray[np.float64]:
    """Return width and height (n, 2)."""
    return boxes[:, 2:] - boxes[:, :2]


def _normalized(pixels: Pixels) -> NDArray[np.float32]:
    """Return pixels as the networks expect them, about -1 to 1."""
    return (pixels.astype(np.float32) - 127.5) * (1 / 128)


def _run(graph: Graph, tensor: NDArray[np.float32], names: tuple[str, ...]) -> list[NDArray[np.float32]]:
    outputs = graph.run({graph.inputs[0].name: tensor}, names)
    return [outputs[name] for name in names]
