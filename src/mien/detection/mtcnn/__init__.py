"""MTCNN: the detector, its three networks, and the files with their weights."""
