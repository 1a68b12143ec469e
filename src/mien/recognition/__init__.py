"""Recognition: pictures, folders and video in, faces with probabilities out; without torch."""
