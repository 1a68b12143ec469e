from contextlib import suppress

import cv2
import pytest

from mien.detection.box import Box
from mien.errors import MienError
from mien.labels import COLORS, EMOTIONS
from mien.output.timeline.timeline import Timeline
from mien.recognition.face import Face, Result


def result(time, *labels):
    faces = tuple(
        Face.from_probabilities(
            Box(0, 0, 9, 9), 1.0, EMOTIONS, tuple(float(name == label) for name in EMOTIONS), track=at
        )
        for at, label in enumerate(labels, 1)
        if label
    )
    return Result("a.mp4", 10, 10, faces, frame=0, time=time)


def columns(path):
    """Fraction of each column of the image that has each emotion's color below the legend."""
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)[110:]
    wanted = {name: tuple(bytes.fromhex(color[1:])) for name, color in COLORS.items()}
    return {name: (image == color).all(axis=2).mean(axis=0) for name, color in wanted.items()}


def test_the_colors_show_the_expressions_over_time(tmp_path):
    path = tmp_path / "a.png"
    with Timeline(path) as timeline:
        for at in range(100):
            timeline.write(result(at / 25, "happy" if at < 50 else "sad"))
    seen = columns(path)
    assert seen["happy"][200] > 0.3
    assert seen["happy"][1100] == 0
    assert seen["sad"][1100] > 0.3
    assert max(share.max() for name, share in seen.items() if name not in ("happy", "sad")) < 0.01


def test_gaps_are_empty(tmp_path):
    path = tmp_path / "a.png"
    with Timeline(path) as timeline:
        for at in range(300):
            timeline.write(result(at / 25, "happy" if not 100 <= at < 200 else ""))
    happy = columns(path)["happy"]
    assert happy[660] == 0
    assert min(happy[300], happy[1100]) > 0.3


def test_the_ending_svg_selects_a_vector_graphic(tmp_path):
    with Timeline(tmp_path / "a.svg") as timeline:
        timeline.write(result(0.0, "happy"))
        timeline.write(result(1.0, "happy"))
    text = (tmp_path / "a.svg").read_text()
    assert COLORS["happy"] in text
    assert ">track 1</text>" in text


@pytest.mark.parametrize("one", [result(0.0), result(5, "fear")], ids=["no face", "one face"])
def test_a_single_frame_is_drawn(tmp_path, one):
    with Timeline(tmp_path / "a.png") as timeline:
        timeline.write(one)
    assert cv2.imread(str(tmp_path / "a.png")).shape[1] > 1000


def test_without_a_frame_there_is_no_file(tmp_path):
    with Timeline(tmp_path / "a.png"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_writes_the_frames_so_far(tmp_path):
    with suppress(KeyboardInterrupt), Timeline(tmp_path / "a.png") as timeline:
        timeline.write(result(0.0, "happy"))
        raise KeyboardInterrupt
    assert columns(tmp_path / "a.png")["happy"].max() > 0.3


def test_other_endings_are_refused_immediately(tmp_path):
    with pytest.raises(
        MienError, match=r"a.pdf: can't write an image with the ending '.pdf'; expected one of .png"
    ):
        Timeline(tmp_path / "a.pdf")
