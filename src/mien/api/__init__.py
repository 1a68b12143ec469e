"""The Python API: one function for each thing that the command line does."""
