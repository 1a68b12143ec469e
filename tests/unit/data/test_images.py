import pytest

from mien.data.images import Images, is_scene


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (48, 48, False),  # FER2013
        (100, 100, False),  # RAF-DB, aligned
        (143, 181, False),  # SFEW, aligned
        (178, 218, False),  # CelebA, aligned
        (224, 224, False),  # AffectNet
        (256, 256, False),  # JAFFE
        (75, 100, False),  # a detector's box
        (320, 240, True),  # Oulu-CASIA
        (640, 490, True),  # CK+
        (562, 762, True),  # KDEF
        (720, 576, True),  # SFEW, frames
        (1400, 700, True),
        (4000, 4000, True),
        (90, 200, True),
    ],
)
def test_published_data_sets_are_faces_or_scenes(width, height, expected):
    assert is_scene(width, height) is expected


@pytest.mark.parametrize(
    ("faces", "scenes", "noted"), [(10, 0, False), (95, 5, False), (90, 10, True), (0, 1, True)]
)
def test_scenes_are_named_from_a_tenth_on(faces, scenes, noted):
    images = Images()
    for number in range(faces):
        images.add(f"f{number}", 48, 48, None)
    for number in range(scenes):
        images.add(f"s{number}", 1400, 700, None)
    notes = images.notes("my_photos")
    assert bool(notes) is noted
    if noted:
        assert f"my_photos: {scenes} of {faces + scenes} images look like whole scenes" in notes[0]
        assert "(s0 with 1400x700 pixels)" in notes[0]
        assert "pass faces=detect" in notes[0]


def test_images_without_and_with_several_faces_are_named():
    images = Images(detector="yunet")
    for number, detected in enumerate([1, 0, 2, 0, 0, 0, 3]):
        images.add(f"{number}.jpg", 4000, 3000, detected)
    (note,) = images.notes("p")
    assert note == (
        "p: 3 faces detected by yunet in 7 images; "
        "4 without a face left out (1.jpg, 3.jpg, 4.jpg and 1 more); "
        "the largest face used in 2 with several (2.jpg, 6.jpg)"
    )
