"""Boxes that are provided instead of detected."""
