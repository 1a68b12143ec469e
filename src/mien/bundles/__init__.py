"""Bundles: one ONNX file from uint8 faces to calibrated probabilities, and the metadata inside it.

Everything here reads; `mien.exporting` writes. It needs no torch.
"""
