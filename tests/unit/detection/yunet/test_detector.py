from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from mien.detection import view_search
from mien.detection.yunet.detector import CLOSE, YuNet, read_yunet
from mien.errors import DetectorError
from mien.labels import EMOTIONS
from picture_builders import scene

PLACED = [("happy", 20, 30, 120), ("sad", 220, 60, 60), ("surprise", 380, 10, 150)]


@pytest.fixture(scope="module")
def detector(yunet):
    return read_yunet(yunet)


def middle(detection):
    left, top, width, height = detection.box
    return left + width / 2, top + height / 2


def turned(picture, tilt):
    """The image rotated clockwise around its center."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -tilt, 1.0)
    return cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


def assert_found(detections, placed):
    assert len(detections) == len(placed)
    for detection, (_, left, top, side) in zip(detections, placed, strict=True):
        assert middle(detection) == pytest.approx((left + side / 2, top + side / 2), abs=0.2 * side)
        assert 0.5 * side < detection.box.width < 1.1 * side
        assert 0.6 <= detection.score <= 1


def test_faces_are_found_from_left_to_right(detector):
    assert_found(detector.detect(scene(PLACED)), PLACED)


def test_landmarks_are_in_pixels_of_the_image(detector):
    for (_, left, top, side), found in zip(PLACED, detector.detect(scene(PLACED)), strict=True):
        points = (np.array(found.landmarks) - (left, top)) / side
        assert points.min() > 0.1
        assert points.max() < 0.95
        assert points[0, 0] < points[2, 0] < points[1, 0]
        assert points[:2, 1].max() < points[2, 1] < points[3:, 1].min()


def test_every_expression_is_found(detector):
    placed = [(emotion, 210 * (i % 3) + 20, 155 * (i // 3) + 10, 140) for i, emotion in enumerate(EMOTIONS)]
    assert len(detector.detect(scene(placed))) == len(placed)


@pytest.mark.parametrize(("size", "side"), [((48, 48), 48), ((100, 100), 100), ((900, 700), 700)])
def test_a_face_that_fills_its_image_is_found(detector, size, side):
    placed = [("neutral", (size[0] - side) // 2, (size[1] - side) // 2, side)]
    assert_found(detector.detect(scene(placed, size)), placed)


def test_small_and_large_faces_of_a_large_image_are_found(detector):
    placed = [("happy", 100, 50, 900), ("sad", 1500, 700, 100)]
    assert_found(detector.detect(scene(placed, (1700, 1000))), placed)


def test_longest_bounds_the_size_of_the_view(yunet):
    picture = scene([("sad", 1200, 300, 60)], (1280, 400))
    assert len(read_yunet(yunet).detect(picture)) == 1
    assert YuNet(yunet.read_bytes(), longest=320).detect(picture) == []


def test_colors_are_taken_as_red_green_blue(detector):
    picture = scene(PLACED)
    picture[..., 0] //= 3
    swapped = np.ascontiguousarray(picture[..., ::-1])
    assert [one.score for one in detector.detect(picture)] != [one.score for one in detector.detect(swapped)]


@pytest.mark.parametrize("tilt", [-60, -45, -30, 0, 30, 45, 60])
def test_the_tilt_of_a_head_is_measured_to_a_few_degrees(detector, tilt):
    (found,) = detector.detect(turned(scene([("sad", 140, 90, 120)], (400, 300)), tilt))
    assert found.tilt == pytest.approx(tilt, abs=16)  # half a step
    assert middle(found) == pytest.approx((200, 150), abs=15)


def test_one_more_view_is_enough_for_most_tilted_faces(detector, monkeypatch):
    sides = []
    view = view_search.rotated_view
    monkeypatch.setattr(view_search, "rotated_view", lambda *seen: sides.append(seen[1]) or view(*seen))
    for number in range(8):
        picture = turned(scene([("happy", 200, 120, 200)], seed=number), 12)
        assert len(detector.detect(picture)) == 1
    assert sides.count(CLOSE) <= 8 * 2


@pytest.mark.parametrize("tilt", [-90, -60, -45, -15, 0, 30, 60, 90])
def test_the_face_of_a_photograph_is_found_at_its_tilt(detector, tilt):
    astronaut = pytest.importorskip("skimage.data").astronaut()  # her face: around (224, 120), 110 high
    turn = cv2.getRotationMatrix2D((224, 120), -tilt, 1.0)
    found = detector.detect(cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE))
    (face,) = [one for one in found if middle(one) == pytest.approx((224, 120), abs=25)]
    assert face.tilt == pytest.approx(tilt, abs=16)


def test_a_face_at_the_border_is_found_and_may_reach_over_it(detector):
    (found,) = detector.detect(scene([("happy", -30, 40, 160)]))
    assert found.box.left < 20


@pytest.mark.parametrize("shape", [(480, 640), (1, 1), (1, 5000), (5000, 1), (2, 3), (33, 31)])
def test_nothing_is_found_where_nothing_is(detector, shape):
    assert detector.detect(np.full((*shape, 3), 130, np.uint8)) == []
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for detection in detector.detect(noise):
        assert np.isfinite([*detection.box, detection.tilt]).all()


def test_threads_find_the_same(detector):
    pictures = [scene(PLACED[:1], (240, 180), seed) for seed in range(4)] * 2
    alone = [detector.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.detect, pictures)) == alone


@pytest.mark.parametrize("content", [b"", b"not an onnx", b"\x08\x07" + bytes(1000)])
def test_anything_else_is_refused(content, capfd):
    with pytest.raises(DetectorError, match=r"some\.onnx: not a YuNet that can be run .*; expected a file"):
        YuNet(content, "some.onnx")
    assert capfd.readouterr() == ("", "")


def test_a_damaged_yunet_is_refused(yunet):
    with pytest.raises(DetectorError, match="not a YuNet"):
        YuNet(yunet.read_bytes()[:200_000])


def test_a_network_that_is_no_yunet_is_refused(tmp_path):
    from bundle_builders import tiny_bundle

    with pytest.raises(DetectorError, match=r"this is a bundle, expected the \.onnx file of a YuNet"):
        read_yunet(tiny_bundle(tmp_path / "tiny.onnx"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DetectorError, match=r"none\.onnx: can't read the face detector \(No such file"):
        read_yunet(tmp_path / "none.onnx")
