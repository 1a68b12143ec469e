"""Video: frames in, followed and judged faces out."""
