"""Video: files, streams and webcams to frames, and frames to files."""
