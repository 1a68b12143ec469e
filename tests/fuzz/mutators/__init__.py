"""Mutators by file format: each changes the bytes of a valid file, decided by a random generator alone."""
