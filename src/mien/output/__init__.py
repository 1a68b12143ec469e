"""Output: result files, tables, annotated images and videos, timelines and live views."""
