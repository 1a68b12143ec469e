"""Writers: output formats of results, one file each, found by name in a registry."""

from mien.output.writers.base import FormatWriter, Writer, WrittenResult
from mien.output.writers.registry import WRITERS, format_of, open_writer
from mien.output.writers.text import TextWriter

__all__ = ["WRITERS", "FormatWriter", "TextWriter", "Writer", "WrittenResult", "format_of", "open_writer"]
