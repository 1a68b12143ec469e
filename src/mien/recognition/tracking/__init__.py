"""Tracking: who is who from frame to frame, and smoothed probabilities."""
