"""Data sets of faces from photographs and videos: crops, and a CSV that says where they are from."""
