"""Sections of the evaluation report: one file each, and one line in `order.py`."""
