import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mien.drawing import draw_faces, is_annotated, write_annotated_image
from mien.drawing.drawing import MARGIN, SMALL
from mien.errors import MienError
from mien.labels import COLORS, EMOTIONS
from mien.media.images.reading import read_image
from result_builders import face

GRAY = 128


def ground(width, height, level=GRAY):
    return np.full((height, width, 3), level, np.uint8)


def drawn(image, *faces):
    return draw_faces(image, faces)


def color(label):
    return np.frombuffer(bytes.fromhex(COLORS[label][1:]), np.uint8)


def amount(image, label):
    """How many pixels have the color of a label."""
    return int((image == color(label)).all(axis=2).sum())


def test_the_picture_stays_as_it_is():
    image = ground(640, 480)
    out = drawn(image, face(box=(200, 150, 100, 100)))
    assert out.shape == image.shape
    assert out.dtype == np.uint8
    assert (image == GRAY).all()
    assert (out != GRAY).any()
    assert np.array_equal(drawn(image), image)


@pytest.mark.parametrize("label", EMOTIONS)
def test_box_label_and_bar_have_the_color_of_the_label(label):
    out = drawn(ground(640, 480), face(label, 0.9, (200, 150, 100, 100)))
    assert (out[150, 205:295] == color(label)).all()
    assert (out[160:240, 200] == color(label)).all()
    assert amount(out[120:150], label) > 500, "the plate above the box"
    assert amount(out[:, 305:], label) > 100, "the bar beside it"


def test_the_face_itself_stays_free():
    out = drawn(ground(640, 480), face("sad", 0.9, (200, 150, 100, 100)))
    assert (out[156:244, 206:294] == GRAY).all()


def test_bars_are_as_long_as_the_probabilities():
    long, short = (
        amount(drawn(ground(640, 480), face("happy", share, (200, 150, 100, 100)))[:, 305:], "happy")
        for share in (1.0, 0.6)
    )
    assert short / long == pytest.approx(0.6, abs=0.05)


def test_an_unsure_face_is_dashed_with_a_dark_label():
    sure, uncertain = (
        drawn(ground(640, 480), face("sad", 0.4, (200, 150, 100, 100), threshold=threshold))
        for threshold in (0.3, 0.5)
    )
    assert (sure[150, 200:300] == color("sad")).all()
    share = (uncertain[150, 200:300] == color("sad")).all(axis=1).mean()
    assert 0.3 < share < 0.8
    assert amount(uncertain[120:149], "sad") < amount(sure[120:149], "sad") / 2
    assert uncertain[130:148, 200:260].min() < 40


def test_track_numbers_are_written():
    plain, numbered = (
        drawn(ground(640, 480), face(box=(200, 150, 100, 100), track=track)) for track in (None, 7)
    )
    assert amount(numbered[120:150], "happy") > amount(plain[120:150], "happy") + 100


def test_bars_are_drawn_where_they_hide_nobody():
    alone = face("happy", 0.9, (200, 150, 100, 100))
    neighbors = [face("sad", 0.9, (left, top, 90, 90)) for left in (100, 305) for top in (30, 150, 270)]
    neighbors += [face("sad", 0.9, (205, top, 90, 90)) for top in (30, 270)]
    assert amount(drawn(ground(640, 480), alone)[:, 305:], "happy") > 100
    out = drawn(ground(640, 480), alone, *neighbors)
    for left, top in [(100, 30), (100, 150), (100, 270), (305, 30), (305, 150), (205, 30), (205, 270)]:
        assert (out[top + 6 : top + 84, left + 6 : left + 84] == GRAY).all()
    assert (out[156:244, 206:294] == GRAY).all()


def test_labels_of_a_crowd_hide_no_faces_where_there_is_room():
    rng = np.random.default_rng(0)
    faces = [
        face(
            str(rng.choice(EMOTIONS)),
            0.7,
            (20 + 75 * column, 60 + 90 * row + int(rng.integers(0, 20)), 40, 40),
        )
        for column in range(12)
        for row in range(5)
    ]
    out = drawn(ground(960, 540), *faces)
    for one in faces:
        left, top, width, height = map(int, one.box)
        assert (out[top + 4 : top + height - 4, left + 4 : left + width - 4] == GRAY).all()


def test_text_grows_with_the_picture():
    heights = []
    for factor in (1, 5):
        out = drawn(
            ground(640 * factor, 480 * factor),
            face("happy", 0.9, [factor * side for side in (200, 150, 100, 100)]),
        )
        rows = (out[:, 202 * factor + 2] == color("happy")).all(axis=1)
        heights.append(int(rows[: 150 * factor].sum()))
    assert heights[1] > 3.5 * heights[0]


def test_tiny_faces_in_a_large_picture_have_a_label_that_can_be_read():
    out = drawn(ground(2000, 1500), face("happy", 0.9, (1000, 700, 20, 20)))
    assert amount(out, "happy") > 1500
    assert (out[703:717, 1003:1017] == GRAY).all()


@pytest.mark.parametrize("side", [1, 12, 48, 100, SMALL - 1])
def test_a_small_picture_is_enlarged_and_has_a_panel(side):
    image = ground(side, side)
    out = drawn(image, face("happy", 0.9, (0, 0, side, side)))
    large = out.shape[0]
    assert SMALL <= large < 2 * SMALL
    assert large % side == 0
    assert out.shape == (large, large + MARGIN, 3)
    assert amount(out[:, large:], "happy") > 500
    assert (out[large // 4 : -large // 4, large // 4 : large - large // 4] == GRAY).all()
    nobody = drawn(image)
    assert nobody.shape == out.shape, "frames of a video have one size"
    assert nobody[:, large:].max() > 150, "it says so"


@pytest.mark.parametrize("size", [(100, 2000), (2000, 100), (SMALL, SMALL), (1, 300)])
def test_other_pictures_keep_their_size(size):
    assert drawn(ground(*size), face(box=(10, 10, 60, 60))).shape == (size[1], size[0], 3)


def test_the_label_of_a_face_that_fills_the_picture_is_in_it():
    out = drawn(ground(500, 500), face("happy", 0.9, (0, 0, 500, 500)))
    assert amount(out[:30, :150], "happy") > 800
    assert (out[100:300, 100:300] == GRAY).all()


BOXES = st.tuples(*[st.floats(-500, 900)] * 2, *[st.floats(0, 1500)] * 2)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(BOXES, max_size=4),
    st.sampled_from([(300, 260), (3, 2), (1, 400), (800, 30)]),
    st.sampled_from(
        [EMOTIONS, ("a", "b"), tuple(f"a very long name {n}" for n in range(30)), ("é…中", "", "\n")]
    ),
)
def test_any_boxes_in_any_picture_are_drawn(boxes, size, classes):
    faces = [face(classes[0], 0.5, box, classes=classes, track=n) for n, box in enumerate(boxes)]
    assert drawn(ground(*size), *faces).dtype == np.uint8


@pytest.mark.parametrize("name", ["a.png", "new/b.jpg", "c.JPEG"])
def test_a_drawing_is_written_and_known_again(tmp_path, name):
    image = drawn(ground(300, 260), face(box=(100, 100, 60, 60)))
    write_annotated_image(tmp_path / name, image)
    assert np.abs(read_image(tmp_path / name).astype(int) - image).mean() < 2
    assert is_annotated(tmp_path / name)


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(MienError, match=r"kind '.bmp'; use .png"):
        write_annotated_image(tmp_path / "a.bmp", ground(8, 8))


def test_other_files_are_no_drawings(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "c.png").touch()
    for name in ("a.png", "b.png", "c.png", "missing.png", "."):
        assert not is_annotated(tmp_path / name)
