"""Accuracy under distribution shift: faces detected again at other sizes and tilts, and corrupted."""
