"""Bundles: one ONNX file that maps uint8 faces to calibrated probabilities, with metadata inside.

This package reads bundles, without torch; `mien.exporting` writes them.
"""
