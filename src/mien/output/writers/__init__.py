"""Sinks: ways to write results down, one file each; each is a context manager with `write`."""

from mien.output.writers.csv_table import CsvSink
from mien.output.writers.drawings import DrawingSink
from mien.output.writers.json_array import JsonSink
from mien.output.writers.json_lines import JsonLinesSink
from mien.output.writers.registry import open_sink
from mien.output.writers.table import TableSink

__all__ = ["CsvSink", "DrawingSink", "JsonLinesSink", "JsonSink", "TableSink", "open_sink"]
