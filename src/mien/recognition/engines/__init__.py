"""Engines: ways to run a bundle's graph, one file each."""
