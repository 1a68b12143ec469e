"""Figures: the style that all of them share, heat maps, and their encoding for files and pages."""
