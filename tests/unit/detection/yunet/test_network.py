import cv2
import numpy as np
import pytest

from mien.detection.yunet.network import STRIDES, YuNetNetwork, decode, input_tensor, open_yunet
from picture_builders import scene

PLACED = [("happy", 20, 30, 120), ("sad", 220, 60, 60), ("surprise", 380, 10, 150)]


def grid_of(cells, stride=16, face=None):
    """Outputs of a grid without faces, but for one at a cell."""
    outputs = {
        f"{name}_{stride}": np.zeros((1, cells, width), np.float32)
        for name, width in {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}.items()
    }
    for name, value in (face or {}).get("values", {}).items():
        outputs[f"{name}_{stride}"][0, face["cell"]] = value
    return outputs


def test_a_cell_is_decoded_to_pixels():
    values = {"cls": 0.81, "obj": 0.64, "bbox": [0.5, -0.25, np.log(2), np.log(4)], "kps": np.arange(10) / 10}
    outputs = grid_of(12, face={"cell": 6, "values": values})
    boxes, scores, landmarks = decode(outputs, 16, 4, 0.6)
    # Cell 6 of rows of 4 is column 2, row 1; the center of the face is (2.5, 0.75), its sides are 2 and 4.
    assert boxes == pytest.approx(np.array([[1.5, -1.25, 3.5, 2.75]]) * 16)
    assert scores == pytest.approx([0.72])
    assert landmarks[0] == pytest.approx((np.arange(10).reshape(5, 2) / 10 + (2, 1)) * 16)
    assert decode(outputs, 16, 4, 0.73).boxes.shape == (0, 4)


def test_scores_and_sides_stay_in_their_range():
    outputs = grid_of(4, face={"cell": 0, "values": {"cls": 1.2, "obj": 1.5, "bbox": [0, 0, 999, 999]}})
    boxes, scores, _ = decode(outputs, 16, 2, 0.6)
    assert scores.tolist() == [1]
    assert np.isfinite(boxes).all()


@pytest.mark.parametrize(
    ("shape", "padded"), [((32, 64), (32, 64)), ((1, 1), (32, 32)), ((33, 64), (64, 64))]
)
def test_the_input_is_blue_green_red_and_padded_to_whole_cells(shape, padded):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    tensor = input_tensor(image)
    assert tensor.shape == (1, 3, *padded)
    assert np.array_equal(tensor[0, :, : shape[0], : shape[1]], image.transpose(2, 0, 1)[::-1])
    assert tensor.sum() == image.sum()


@pytest.mark.parametrize("size", [(640, 480), (301, 217), (900, 700), (48, 48)])
def test_faces_are_those_of_opencv(yunet, size):
    content = yunet.read_bytes()
    opencv = cv2.FaceDetectorYN.create(
        "onnx", np.frombuffer(content, np.uint8), np.empty(0, np.uint8), size, 0.6, 0.3, 5000
    )
    picture = cv2.resize(scene(PLACED), size)
    _, rows = opencv.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    rows = np.empty((0, 15)) if rows is None else rows[np.argsort(-rows[:, 14])]
    boxes, scores, landmarks = YuNetNetwork(open_yunet(content))(picture)
    assert len(boxes) == len(rows)
    assert len(rows) > 0 or min(size) < 100
    assert boxes == pytest.approx(np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]]), abs=1e-2)
    assert landmarks.reshape(-1, 10) == pytest.approx(rows[:, 4:14], abs=1e-2)
    assert scores == pytest.approx(rows[:, 14], abs=1e-4)


def test_any_size_can_be_run_without_a_warning(yunet, capfd):
    network = YuNetNetwork(open_yunet(yunet.read_bytes()))
    for shape in ((1, 1), (480, 640), (100, 33)):
        assert len(network(np.zeros((*shape, 3), np.uint8)).scores) == 0
    assert capfd.readouterr() == ("", "")
    assert STRIDES == (8, 16, 32)
