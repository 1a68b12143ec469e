"""Checks of ONNX files before a runtime gets them: what passes neither crashes nor blocks the process.

`graph.check_model` is the entry point. The operators are those of `operators.OPERATORS`, all shapes are known
before the graph runs, and the limits are in `mien.limits`.
"""
