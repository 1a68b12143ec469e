"""Audit of a data set: duplicates, images that are no faces or too bad, and label errors."""
