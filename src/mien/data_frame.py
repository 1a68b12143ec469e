"""Data frames for results. Pandas is optional and is imported when the first frame is built."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mien.errors import MissingExtraError

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
    return pandas.DataFrame(list(rows), columns=list(columns))
