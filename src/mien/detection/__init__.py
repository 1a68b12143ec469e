"""Detectors: ways to find faces in a picture, one file each."""
