import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mien.drawing import draw, draw_faces, drawing, is_annotated, write_annotated_image
from mien.drawing.drawing import MARGIN, MIN_SIDE
from mien.errors import MienError
from mien.labels import COLORS, EMOTIONS
from mien.media.images.reading import read_image
from result_builders import face, result

GRAY = 128


def gray(width, height, level=GRAY):
    return np.full((height, width, 3), level, np.uint8)


def annotated(image, *faces):
    return draw_faces(image, faces)


def color(label):
    return np.frombuffer(bytes.fromhex(COLORS[label][1:]), np.uint8)


def amount(image, label):
    """How many pixels have the color of a label."""
    return int((image == color(label)).all(axis=2).sum())


def test_the_image_is_not_changed():
    image = gray(640, 480)
    out = annotated(image, face(box=(200, 150, 100, 100)))
    assert out.shape == image.shape
    assert out.dtype == np.uint8
    assert (image == GRAY).all()
    assert (out != GRAY).any()
    assert np.array_equal(annotated(image), image)


@pytest.mark.parametrize("label", EMOTIONS)
def test_box_label_and_bar_have_the_color_of_the_label(label):
    out = annotated(gray(640, 480), face(label, 0.9, (200, 150, 100, 100)))
    assert (out[150, 205:295] == color(label)).all()
    assert (out[160:240, 200] == color(label)).all()
    assert amount(out[120:150], label) > 500, "the plate above the box"
    assert amount(out[:, 305:], label) > 100, "the bar beside it"


def test_the_face_is_not_covered():
    out = annotated(gray(640, 480), face("sad", 0.9, (200, 150, 100, 100)))
    assert (out[156:244, 206:294] == GRAY).all()


def test_the_length_of_bars_is_the_probability():
    long, short = (
        amount(annotated(gray(640, 480), face("happy", share, (200, 150, 100, 100)))[:, 305:], "happy")
        for share in (1.0, 0.6)
    )
    assert short / long == pytest.approx(0.6, abs=0.05)


def test_an_uncertain_face_is_dashed_with_a_dark_label():
    certain, uncertain = (
        annotated(gray(640, 480), face("sad", 0.4, (200, 150, 100, 100), threshold=threshold))
        for threshold in (0.3, 0.5)
    )
    assert (certain[150, 200:300] == color("sad")).all()
    share = (uncertain[150, 200:300] == color("sad")).all(axis=1).mean()
    assert 0.3 < share < 0.8
    assert amount(uncertain[120:149], "sad") < amount(certain[120:149], "sad") / 2
    assert uncertain[130:148, 200:260].min() < 40


def test_track_numbers_are_drawn():
    plain, numbered = (
        annotated(gray(640, 480), face(box=(200, 150, 100, 100), track=track)) for track in (None, 7)
    )
    assert amount(numbered[120:150], "happy") > amount(plain[120:150], "happy") + 100


def test_bars_cover_no_other_faces():
    alone = face("happy", 0.9, (200, 150, 100, 100))
    neighbors = [face("sad", 0.9, (left, top, 90, 90)) for left in (100, 305) for top in (30, 150, 270)]
    neighbors += [face("sad", 0.9, (205, top, 90, 90)) for top in (30, 270)]
    assert amount(annotated(gray(640, 480), alone)[:, 305:], "happy") > 100
    out = annotated(gray(640, 480), alone, *neighbors)
    for left, top in [(100, 30), (100, 150), (100, 270), (305, 30), (305, 150), (205, 30), (205, 270)]:
        assert (out[top + 6 : top + 84, left + 6 : left + 84] == GRAY).all()
    assert (out[156:244, 206:294] == GRAY).all()


def test_labels_of_many_faces_cover_none_where_there_is_room():
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
    out = annotated(gray(960, 540), *faces)
    for one in faces:
        left, top, width, height = map(int, one.box)
        assert (out[top + 4 : top + height - 4, left + 4 : left + width - 4] == GRAY).all()


def test_text_grows_with_the_image():
    heights = []
    for factor in (1, 5):
        out = annotated(
            gray(640 * factor, 480 * factor),
            face("happy", 0.9, [factor * side for side in (200, 150, 100, 100)]),
        )
        rows = (out[:, 202 * factor + 2] == color("happy")).all(axis=1)
        heights.append(int(rows[: 150 * factor].sum()))
    assert heights[1] > 3.5 * heights[0]


def test_tiny_faces_in_a_large_image_have_a_legible_label():
    out = annotated(gray(2000, 1500), face("happy", 0.9, (1000, 700, 20, 20)))
    assert amount(out, "happy") > 1500
    assert (out[703:717, 1003:1017] == GRAY).all()


@pytest.mark.parametrize("side", [1, 12, 48, 100, MIN_SIDE - 1])
def test_a_small_image_is_enlarged_and_has_a_margin(side):
    image = gray(side, side)
    out = annotated(image, face("happy", 0.9, (0, 0, side, side)))
    large = out.shape[0]
    assert MIN_SIDE <= large < 2 * MIN_SIDE
    assert large % side == 0
    assert out.shape == (large, large + MARGIN, 3)
    assert amount(out[:, large:], "happy") > 500
    assert (out[large // 4 : -large // 4, large // 4 : large - large // 4] == GRAY).all()
    nobody = annotated(image)
    assert nobody.shape == out.shape, "frames of a video have one size"
    assert nobody[:, large:].max() > 150, "it says so"


@pytest.mark.parametrize("size", [(100, 2000), (2000, 100), (MIN_SIDE, MIN_SIDE), (1, 300)])
def test_other_images_keep_their_size(size):
    assert annotated(gray(*size), face(box=(10, 10, 60, 60))).shape == (size[1], size[0], 3)


def test_the_label_of_a_face_that_fills_the_image_is_inside():
    out = annotated(gray(500, 500), face("happy", 0.9, (0, 0, 500, 500)))
    assert amount(out[:30, :150], "happy") > 800
    assert (out[100:300, 100:300] == GRAY).all()


BOXES = st.tuples(*[st.floats(-500, 900)] * 2, *[st.floats(0, 1500)] * 2)


@settings(max_examples=60)
@given(
    st.lists(BOXES, max_size=4),
    st.sampled_from([(300, 260), (3, 2), (1, 400), (800, 30)]),
    st.sampled_from(
        [EMOTIONS, ("a", "b"), tuple(f"a very long name {n}" for n in range(30)), ("é…中", "", "\n")]
    ),
)
def test_any_boxes_in_any_image_are_drawn(boxes, size, classes):
    faces = [face(classes[0], 0.5, box, classes=classes, track=n) for n, box in enumerate(boxes)]
    assert annotated(gray(*size), *faces).dtype == np.uint8


@pytest.mark.parametrize("name", ["a.png", "new/b.jpg", "c.JPEG"])
def test_an_annotated_image_is_written_and_recognized(tmp_path, name):
    image = annotated(gray(300, 260), face(box=(100, 100, 60, 60)))
    write_annotated_image(tmp_path / name, image)
    assert np.abs(read_image(tmp_path / name).astype(int) - image).mean() < 2
    assert is_annotated(tmp_path / name)


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(MienError, match=r"a.bmp: .* the ending '.bmp'; expected one of .png"):
        write_annotated_image(tmp_path / "a.bmp", gray(8, 8))


def test_other_files_are_not_annotated(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "c.png").touch()
    for name in ("a.png", "b.png", "c.png", "missing.png", "."):
        assert not is_annotated(tmp_path / name)


def test_an_image_file_is_drawn_with_its_result(tmp_path):
    Image.new("RGB", (320, 260), (128, 128, 128)).save(tmp_path / "a.png")
    found = result("a.png", face(box=(100, 100, 60, 60)))
    expected = annotated(gray(320, 260), *found.faces)
    assert np.array_equal(draw(tmp_path / "a.png", found), expected)
    assert np.array_equal(draw(gray(320, 260), found), expected)


def test_of_very_many_faces_the_largest_have_labels(monkeypatch):
    monkeypatch.setattr(drawing, "MAX_LABELS", 2)
    labeled = []
    monkeypatch.setattr(drawing, "draw_label", lambda canvas, face, label: labeled.append(face.track))
    sides = {1: 40, 2: 90, 3: 30, 4: 80}
    some = [face(box=(110 * track, 20, side, side), track=track) for track, side in sides.items()]
    shown = draw_faces(gray(640, 240), some)
    assert labeled == [2, 4]
    assert all(amount(shown[:, 110 * track - 5 : 110 * track + 40], "happy") for track in sides)
