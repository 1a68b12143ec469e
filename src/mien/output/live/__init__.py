"""Live views of a video: a window, or a terminal."""
