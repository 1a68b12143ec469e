"""Calibration: maps from logits to probabilities, and confidence thresholds, fitted on validation faces.

Pure functions; `mien.exporting` puts what they fit into a bundle. Like `mien.metrics` they raise ValueError
for n = 0.
"""
