"""Columns of a table of faces; their rows are tested with the writers."""

from mien.recognition.columns import COLUMNS, classes_of, columns_of


def test_classes_with_the_names_of_columns_are_marked_in_tables():
    classes = ("calm", "label", "label (class)", "label (class) (class)", "calm (class)")
    columns = columns_of(classes)
    assert columns[len(COLUMNS) :] == (
        "calm", "label (class)", "label (class) (class)", "label (class) (class) (class)", "calm (class)",
    )  # fmt: skip
    assert classes_of(columns) == classes
