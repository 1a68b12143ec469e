"""Inputs: from the words of a command line to what there is to look at."""
