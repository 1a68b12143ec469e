"""mien: facial expression recognition on FER2013, from the source file to a measured model."""

__version__ = "0.1.0"
