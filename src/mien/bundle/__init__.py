"""Bundles: one ONNX file from uint8 faces to calibrated probabilities, and the card inside it.

Everything here reads; `mien.export` writes. It needs no torch.
"""
