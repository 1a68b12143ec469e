"""Corruption robustness: metrics of a system on corrupted faces (Hendrycks and Dietterich 2019)."""
