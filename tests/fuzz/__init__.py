"""Seeded mutation of one small valid file for each reader: see CONTRIBUTING.md, "Fuzzing"."""
