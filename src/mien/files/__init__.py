"""Files: names, types, limits while reading, atomic writing, temporary files, locks and caches."""
