"""CSV files of `mien predict`, whose `label` is the prediction and whose `source` names the face."""

from mien.evaluation.csv_table import Table

RESULT_COLUMNS = frozenset({"source", "confidence", "uncertain"})
"""Columns that together identify a result of mien; a table of any other system lacks one of them."""


def is_result(table: Table) -> bool:
    """Return whether the table is a result of mien."""
    return set(table.header) >= RESULT_COLUMNS
