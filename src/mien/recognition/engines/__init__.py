"""Engines: runtimes for the graph of a bundle, one file each."""
