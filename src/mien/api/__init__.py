"""The Python API: one function for each task of the command line, which calls them.

`mien` itself offers every name of this package.
"""
