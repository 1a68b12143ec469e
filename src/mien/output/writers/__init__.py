"""Writers: ways to write results down, one file each; each is a context manager with `write`."""

from mien.output.writers.annotated_images import AnnotatedImageWriter
from mien.output.writers.csv_table import CsvWriter
from mien.output.writers.json_array import JsonWriter
from mien.output.writers.json_lines import JsonLinesWriter
from mien.output.writers.registry import open_writer
from mien.output.writers.table import TableWriter

__all__ = ["AnnotatedImageWriter", "CsvWriter", "JsonLinesWriter", "JsonWriter", "TableWriter", "open_writer"]
