"""Inputs: from the arguments of a command to the images, data sets and videos to recognize."""
