"""Sinks: ways to write results down, one file each; each is a context manager with `write`."""

from mien.predict.sinks.csv_table import CsvSink
from mien.predict.sinks.drawings import DrawingSink
from mien.predict.sinks.json_array import JsonSink
from mien.predict.sinks.json_lines import JsonLinesSink
from mien.predict.sinks.opening import open_sink
from mien.predict.sinks.table import TableSink

__all__ = ["CsvSink", "DrawingSink", "JsonLinesSink", "JsonSink", "TableSink", "open_sink"]
