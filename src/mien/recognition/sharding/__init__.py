"""Shards: disjoint parts of the inputs of one command, for several processes and machines."""
