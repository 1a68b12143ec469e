"""Sinks: ways to write results down, one file each; each is a context manager with `write`."""
