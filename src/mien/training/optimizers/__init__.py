"""Optimizers; each file holds an optimizer's configuration and its builder (see `optimizers.base`)."""
