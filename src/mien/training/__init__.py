"""Training: a recipe and a FaceSet in, a run folder out. Begin reading at `loop`."""
