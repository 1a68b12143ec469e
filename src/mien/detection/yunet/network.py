"""The network of YuNet: from an image to boxes, scores and landmarks.

The network predicts a face for each cell of three grids (anchor-free). Scores, boxes and landmarks are
decoded as in OpenCV's `FaceDetectorYN`.
"""

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.detection.candidates import Candidates
from mien.detection.nms import non_maximum_suppression
from mien.detection.yunet.download import is_known_yunet
from mien.errors import DetectorError, GraphError
from mien.limits import MAX_GRAPH_MEMORY, MAX_GRAPH_OPERATIONS
from mien.runtime.base import Graph
from mien.runtime.checks.graph import check_model, parse_model
from mien.runtime.opening import open_graph
from mien.runtime.shapes import with_dynamic_shapes

STRIDES: Final = (8, 16, 32)
"""Pixels between the cells of each grid; the sides of the input are multiples of the last."""

THRESHOLD: Final = 0.6
"""Score from which a box is a face."""

NMS_THRESHOLD: Final = 0.3
INPUT: Final = "input"
_OUTPUTS: Final = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
"""Outputs for each grid, with the numbers for each cell."""

_LARGEST_SIDE: Final = 1280
"""Longest side of a view."""

LARGEST_LOG: Final = 20.0
"""Bounds the logarithms of sides, in cells, so that their exponentials are finite."""


class YuNetNetwork:
    """Finds faces in an image of any size. Thread-safe.

    Args:
        graph: The network, with a dynamic input; see `open_yunet`.
        threshold: Score from which a box is a face, 0 to 1.
    """

    def __init__(self, graph: Graph, *, threshold: float = THRESHOLD) -> None:
        self._graph = graph
        self._threshold = threshold

    def __call__(self, image: NDArray[np.uint8], min_face: float = 0.0) -> Candidates:  # noqa: ARG002
        """Return the faces of an RGB image, of any size; they may reach over its border. See `FindFaces`."""
        tensor = input_tensor(image)
        outputs = self._graph.run({INPUT: tensor})
        rows, columns = tensor.shape[2:]
        _require_outputs(outputs, rows, columns)
        found = [decode(outputs, stride, columns // stride, self._threshold) for stride in STRIDES]
        boxes, scores, landmarks = (np.concatenate(parts) for parts in zip(*found, strict=True))
        kept = non_maximum_suppression(boxes, scores, NMS_THRESHOLD, "union")
        return Candidates(boxes[kept], scores[kept], landmarks[kept])


def open_yunet(content: bytes, threads: int = 1) -> Graph:
    """Return YuNet's graph with a dynamic input; its file fixes 640x640.

    ONNX Runtime executes it: OpenVINO, as fast for one size, compiles for 25 ms at each size that is new.

    Raises:
        Exception: It isn't a YuNet that can be run, or another network with a graph that mien doesn't run.
    """
    parse_model(content)  # within limits
    dynamic = with_dynamic_shapes(content, {INPUT: (1, 3, None, None)})
    if not is_known_yunet(content):
        _check_cost(dynamic)
    graph = open_graph(dynamic, engine="onnx", threads=threads, spinning=False)
    names = {f"{name}_{stride}" for name in _OUTPUTS for stride in STRIDES}
    if missing := names - {spec.name for spec in graph.outputs}:
        raise ValueError(f"no output {min(missing)}")
    return graph


def _check_cost(content: bytes) -> None:
    """Check the graph of a file that mien was not tested with, for the largest view of an image.

    Raises:
        GraphError: It has something that mien doesn't run, or takes too much memory or time.
    """
    cost = check_model(content, parse_model(content), {INPUT: (1, 3, _LARGEST_SIDE, _LARGEST_SIDE)})
    if cost.memory > MAX_GRAPH_MEMORY or cost.operations > MAX_GRAPH_OPERATIONS:
        raise GraphError(
            f"its graph needs {cost.memory >> 20:,} MiB of memory and {cost.operations:.2g} multiply-adds "
            "for an image"
        )


def _require_outputs(outputs: Mapping[str, NDArray[np.float32]], rows: int, columns: int) -> None:
    """Check that a network, which may be that of another file, returns numbers for every cell.

    Raises:
        DetectorError: It returns something else.
    """
    for stride in STRIDES:
        for name, numbers in _OUTPUTS.items():
            found, cells = outputs[f"{name}_{stride}"], (rows // stride) * (columns // stride)
            if found.shape != (1, cells, numbers) or found.dtype != np.float32:
                raise DetectorError(
                    f"yunet: its output {name}_{stride} is {found.dtype} {found.shape}, expected float32 "
                    f"{(1, cells, numbers)}"
                )
            if not np.isfinite(found).all():
                raise DetectorError(f"yunet: its output {name}_{stride} has numbers that are not finite")


def input_tensor(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return an RGB image as BGR, float32 (1, 3, height, width), padded with zeros to whole cells."""
    height, width = image.shape[:2]
    cell = STRIDES[-1]
    tensor = np.zeros((1, 3, -(-height // cell) * cell, -(-width // cell) * cell), np.float32)
    for channel, plane in zip(cv2.split(image), tensor[0, ::-1], strict=True):
        plane[:height, :width] = channel
    return tensor


def decode(
    outputs: Mapping[str, NDArray[np.float32]], stride: int, columns: int, threshold: float
) -> Candidates:
    """Return the faces of one grid.

    Args:
        outputs: By name, for a batch of one image: scores of class and objectness (1, cells, 1), boxes
            (1, cells, 4) and landmarks (1, cells, 10), in cells.
        stride: Pixels between the cells of the grid.
        columns: Cells in a row of the grid.
        threshold: Score from which a box is a face.
    """
    classes, objects, boxes, points = (outputs[f"{name}_{stride}"][0] for name in _OUTPUTS)
    scores = np.sqrt(np.clip(classes, 0, 1) * np.clip(objects, 0, 1))[:, 0]
    cells = np.flatnonzero(scores >= threshold)
    origin = np.stack([cells % columns, cells // columns], 1).astype(np.float32)
    centers = boxes[cells, :2] + origin
    sides = np.exp(np.minimum(boxes[cells, 2:], LARGEST_LOG))
    corners = np.hstack([centers - sides / 2, centers + sides / 2])
    landmarks = points[cells].reshape(-1, 5, 2) + origin[:, None]
    return Candidates(corners * stride, scores[cells], landmarks * stride)
