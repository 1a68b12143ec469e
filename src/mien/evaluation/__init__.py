"""Evaluation: predictions on disk, metrics made from them, and the report.

Everything here needs only predictions, whatever system made them.
"""
