"""Hyperparameter tuning: a search space of recipe keys, studies that processes share, and their report."""
