"""The files of the Kaggle competition of 2013: `train.csv` has no Usage, `test.csv` no labels."""

from mien.data.readers.csv_rows import Dialect
from mien.labels import TEST, TRAIN

COMPETITION_TRAIN = Dialect("train.csv", ("emotion", "pixels"), split=TRAIN)
COMPETITION_TEST = Dialect("test.csv", ("pixels",), split=TEST)
