"""Soft targets: distributions over the classes that other networks predict, and distillation."""
