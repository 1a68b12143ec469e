"""The editions of FER2013 as CSV. `csv_rows` parses all of them."""

from mien.data.readers.csv_rows import Dialect
from mien.labels import TEST, TRAIN

FER2013 = Dialect("fer2013.csv", ("emotion", "pixels", "Usage"))
"""The edition that most people have: 35,887 rows in three splits."""

ICML = Dialect("icml_face_data.csv", ("emotion", "Usage", "pixels"))
"""The same rows; the columns have another order, and names with spaces."""

COMPETITION_TRAIN = Dialect("train.csv", ("emotion", "pixels"), split=TRAIN)
COMPETITION_TEST = Dialect("test.csv", ("pixels",), split=TEST)
"""The files of the Kaggle competition of 2013: `train.csv` has no Usage, `test.csv` no labels."""
