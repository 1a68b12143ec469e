"""Losses against target distributions; each file holds a loss and its configuration (see `losses.base`)."""
