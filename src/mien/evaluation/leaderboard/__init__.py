"""Several systems evaluated on the same faces: paired tests, ranks, agreement, files."""
