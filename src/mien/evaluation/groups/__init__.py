"""Metrics per group of faces, such as age or lighting, and tests of the gaps between groups."""
