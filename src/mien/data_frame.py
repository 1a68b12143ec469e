"""Data frames for results. Pandas is optional and is imported when the first frame is built."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mien.errors import MissingExtraError
from mien.text import escape_name

if TYPE_CHECKING:
    import pandas


def data_frame(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> "pandas.DataFrame":
    """Return a pandas data frame.

    Args:
        rows: The values of each row, in the order of `columns`; may be empty.
        columns: Names of the columns.

    Raises:
        MissingExtraError: Pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise MissingExtraError("pandas", "frame") from error
    cells = [[_as_text(cell) for cell in row] for row in rows]
    return pandas.DataFrame(cells, columns=[_as_text(name) for name in columns])


def _as_text(cell: object) -> object:
    """The cell; text that is not UTF-8, such as a file name, as in a CSV, since pandas stores UTF-8."""
    return escape_name(cell) if isinstance(cell, str) else cell
