from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from builders import faces as random_faces
from mien.errors import DataError
from mien.exploration import plots
from mien.labels import COLORS, EMOTIONS, FERPLUS_COLUMNS, SPLITS


def texts(ax):
    return [text.get_text().strip() for text in ax.texts]


def rows(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("split", [None, *SPLITS])
def test_class_distribution_has_a_bar_and_a_label_for_each_class(split):
    some = random_faces(173, size=6)
    counts = (some if split is None else some.of_split(split)).counts()
    ax = plots.class_distribution(some, split)
    assert [bar.get_width() for bar in ax.patches] == counts.tolist()
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == list(COLORS.values())
    assert rows(ax) == list(EMOTIONS)
    assert texts(ax)[:7] == [f"{count:,} · {100 * count / counts.sum():.1f} %" for count in counts]


def test_class_distribution_draws_into_given_axes():
    ax = Figure().add_subplot()
    assert plots.class_distribution(random_faces(20, size=6), ax=ax) is ax
    assert isinstance(plots.class_distribution(random_faces(20, size=6)), Axes)


def test_splits_are_compared_by_share_on_one_scale():
    some = random_faces(200, size=6)
    left, right = plots.compare_splits(some, "train", "test").axes
    for ax, split in ((left, "train"), (right, "test")):
        counts = some.of_split(split).counts()
        np.testing.assert_allclose([bar.get_width() for bar in ax.patches], counts / counts.sum())
        assert ax.get_title(loc="left") == split
        assert all(f"{count:,} · " in text for count, text in zip(counts, texts(ax)[:7], strict=True))
    assert left.get_xlim() == right.get_xlim()


@pytest.mark.parametrize("draw", [plots.class_distribution, plots.compare_splits])
def test_an_unknown_split_is_refused(draw):
    with pytest.raises(DataError, match="unknown split 'valid'; the splits are train, validation, test"):
        draw(random_faces(20, size=6), "valid")


def test_brightness_and_contrast_show_the_quantiles_of_each_class():
    some = random_faces(90, 3, size=6)
    brightness, _ = plots.brightness_and_contrast(some).axes
    naive = some.images[some.labels == 1].reshape(30, -1).mean(axis=1)
    wide, half, median = brightness.lines[3:6]
    np.testing.assert_allclose(wide.get_xdata(), np.quantile(naive, [0.05, 0.95]), rtol=1e-5)
    np.testing.assert_allclose(half.get_xdata(), np.quantile(naive, [0.25, 0.75]), rtol=1e-5)
    np.testing.assert_allclose(median.get_xdata(), np.median(naive), rtol=1e-5)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1, 2], ["class0", "class1", "class2"]),
        ([0, 0, -1], ["class0", "no label"]),
        ([-1] * 3, ["no label"]),
    ],
)
def test_brightness_and_contrast_have_a_row_per_class_with_faces(labels, expected):
    some = replace(random_faces(3, 3, size=6), labels=np.array(labels))
    assert rows(plots.brightness_and_contrast(some).axes[0]) == expected


def test_ferplus_votes_writes_the_percentages():
    votes = np.zeros((2, 10), np.uint8)
    votes[0, 4], votes[0, 0], votes[1, 9] = 7, 3, 10
    ax = plots.ferplus_votes(replace(random_faces(2, 2, size=6), votes=votes))
    assert sorted(texts(ax)[:3]) == ["100", "30", "70"]
    assert [label.get_text() for label in ax.get_xticklabels()] == list(FERPLUS_COLUMNS)


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        ([0, 1, 2], (("train", "validation"), ("train", "test"))),
        ([0, 0, 2], (("train", "test"),)),
        ([1, 2, 2], (("validation", "test"),)),
        ([1, 1, 1], ()),
    ],
)
def test_pairs_of_splits(splits, expected):
    some = replace(random_faces(3, 3, size=6), splits=np.array(splits, np.uint8))
    assert plots.pairs_of_splits(some) == expected
    unlabeled = replace(some, labels=np.full(3, -1))
    assert plots.pairs_of_splits(unlabeled) == ()
