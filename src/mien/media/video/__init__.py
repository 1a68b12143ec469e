"""Video: frames in, tracked and classified faces out."""
