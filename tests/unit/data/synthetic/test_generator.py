import numpy as np
import pytest

from late import Late
from mien.data.duplicates import duplicate_groups
from mien.data.synthetic import generate_faces
from mien.data.synthetic.generator import BLOCK
from mien.errors import DataError
from mien.labels import EMOTIONS, SPLITS

linear_model = Late("sklearn.linear_model")


@pytest.mark.parametrize(("count", "size"), [(1, 48), (69, 48), (70, 32), (71, 48), (150, 8), (3, 192)])
def test_any_number_of_faces_of_any_side(count, size):
    faces = generate_faces(count, size=size)
    assert faces.images.shape == (count, size, size)
    assert faces.classes == EMOTIONS
    assert faces.source == f"synthetic:{count}:0"
    assert faces.ids[0] == "synthetic-00000"
    assert faces.ids[-1] == f"synthetic-{count - 1:05d}"


@pytest.mark.parametrize(("count", "seed"), [(1, 0), (7, 1), (30, 2), (100, 3), (699, 4)])
def test_emotions_are_balanced_to_one_face(count, seed):
    counts = generate_faces(count, seed=seed, size=8).counts()
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("seed", range(5))
def test_every_emotion_is_in_every_split_from_one_block_on(seed):
    faces = generate_faces(BLOCK, seed=seed, size=8)
    table = [faces.of_split(split).counts().tolist() for split in SPLITS]
    assert table == [[8] * 7, [1] * 7, [1] * 7]


def test_splits_are_80_10_10_for_any_large_number():
    faces = generate_faces(1000, size=8)
    shares = np.bincount(faces.splits) / len(faces)
    np.testing.assert_allclose(shares, [0.8, 0.1, 0.1], atol=0.01)


def test_labels_are_shuffled():
    labels = generate_faces(BLOCK, size=8).labels.reshape(-1, 7)
    assert len({tuple(row) for row in labels}) > 5


@pytest.mark.parametrize("few", [1, 69, 70, 100])
def test_a_face_does_not_depend_on_how_many_are_drawn(few):
    many, head = generate_faces(150, seed=5), generate_faces(few, seed=5)
    np.testing.assert_array_equal(head.images, many.images[:few])
    np.testing.assert_array_equal(head.labels, many.labels[:few])
    np.testing.assert_array_equal(head.splits, many.splits[:few])


def test_same_seed_same_faces_other_seed_other_faces():
    assert generate_faces(80, seed=1).fingerprint == generate_faces(80, seed=1).fingerprint
    assert generate_faces(80, seed=1).fingerprint != generate_faces(80, seed=2).fingerprint


def test_all_faces_are_distinct():
    assert len(np.unique(duplicate_groups(generate_faces(700).images))) == 700


def test_another_side_shows_the_same_people():
    small, large = generate_faces(30, size=24).images, generate_faces(30, size=96).images
    shrunk = large.reshape(30, 24, 4, 24, 4).mean(axis=(2, 4))
    correlation = np.corrcoef(small.reshape(30, -1), shrunk.reshape(30, -1))[:30, 30:]
    assert (correlation.argmax(axis=1) == np.arange(30)).all()
    assert np.diag(correlation).min() > 0.7


def test_faces_are_neither_black_nor_burnt_out():
    images = generate_faces(350).images.astype(np.float64)
    contrast = images.std(axis=(1, 2))
    assert contrast.min() > 10
    assert (images == 255).mean(axis=(1, 2)).max() < 0.5
    assert images.mean(axis=(1, 2)).min() > 20


def test_emotions_can_be_told_from_the_pixels():
    """A linear classifier that never saw these faces must do far better than chance (14 %)."""
    faces = generate_faces(1400, size=24)
    train, test = faces.of_split("train"), faces.of_split("test")
    pixels = [np.ascontiguousarray(part.images).reshape(len(part), -1) / 255.0 for part in (train, test)]
    classifier = linear_model.RidgeClassifier(alpha=30.0).fit(pixels[0], train.labels)
    assert classifier.score(pixels[1], test.labels) > 0.45


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"count": 0}, "0 requested, expected 1 or more"),
        ({"count": -3}, "-3 requested"),
        ({"count": 1, "seed": -1}, "seed -1, expected 0 or more"),
        ({"count": 1, "size": 7}, "size 7, expected 8 to 1024"),
        ({"count": 1, "size": 5000}, "size 5000"),
    ],
)
def test_what_cannot_be_drawn(arguments, said):
    with pytest.raises(DataError, match=said):
        generate_faces(**arguments)


def test_color_faces_are_the_gray_ones_with_hues():
    gray, color = generate_faces(80, seed=4), generate_faces(80, seed=4, channels=3)
    assert color.images.shape == (80, 48, 48, 3)
    np.testing.assert_array_equal(color.labels, gray.labels)
    np.testing.assert_array_equal(color.splits, gray.splits)
    red, green, blue = color.images.reshape(-1, 3).astype(float).T
    assert red.mean() > green.mean() > blue.mean()  # skin
    assert np.corrcoef(color.images.mean(-1).reshape(-1), gray.images.reshape(-1))[0, 1] > 0.97


def test_color_faces_do_not_depend_on_how_many_are_drawn():
    many, few = (generate_faces(count, seed=5, channels=3).images for count in (100, 75))
    np.testing.assert_array_equal(few, many[:75])


@pytest.mark.parametrize(
    ("size", "fingerprint"),
    [(48, "59f5dae8254e9bf2039f8f1743ab1b26"), (64, "2f6173531f0189a4fa22d3a3c58a3b46")],
)
def test_gray_faces_stay_the_same_in_every_version(size, fingerprint):
    assert generate_faces(100, seed=3, size=size).fingerprint == fingerprint
