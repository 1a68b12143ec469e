"""`fer2013.csv`, the edition that most people have: 35,887 rows in three splits."""

from mien.data.readers.csv_rows import Dialect

FER2013 = Dialect("fer2013.csv", ("emotion", "pixels", "Usage"))
