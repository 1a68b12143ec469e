"""`icml_face_data.csv`: the rows of `fer2013.csv`, other order of columns, names with spaces."""

from mien.data.readers.csv_rows import Dialect

ICML = Dialect("icml_face_data.csv", ("emotion", "Usage", "pixels"))
